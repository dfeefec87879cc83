"""test_versions.py - no answer mixes two versions of a zone, however fast they follow each other (CONVERGENCE.md, I3).

Everything in a version carries its number: addresses, text, names that others point to, the serial. Clients that ask all the time
look at every number in an answer, in all its sections and in ZONEVERSION (RFC 9660): there must be one.
"""

import re
import struct
import threading

import dns.message
import dns.rdatatype

from fleet import Trio, save, zone_text
from wirekit import ask_many, opt, option, packet

ZONE = 'example.com'
EDITS, HOSTS = 60, 300
ASKED = (('www', 1), ('alias', 1), ('service', 33), ('mail', 15), ('text', 16), ('below.sub', 1), ('gone', 1), ('text', 28), ('any.wild', 1), ('', 6))


def version(n):
    """Some of it grows and shrinks with the number, so that parts of the old version are freed and used again."""
    lines = [f'www A 10.{n}.1.{i}' for i in range(1, n % 7 + 2)]
    lines += [f'alias CNAME v{n}.host', f'v{n}.host CNAME v{n}.end', f'v{n}.end A 10.{n}.2.1']
    lines += [f'service SRV 0 0 {i} v{n}.srv{i}' for i in range(3)] + [f'v{n}.srv{i} A 10.{n}.3.{i}' for i in range(3)]
    lines += [f'mail MX 10 v{n}.mx', f'v{n}.mx A 10.{n}.4.1', f'text TXT "v{n}" "v{n} {"x" * (n % 50)}"', f'*.wild A 10.{n}.5.1']
    lines += [f'sub NS v{n}.ns.sub', f'v{n}.ns.sub A 10.{n}.6.1']
    lines += [f'host{i} A 10.{n}.{i // 250 + 7}.{i % 250}' for i in range(0, HOSTS, n % 3 + 1)]
    return zone_text(n, *lines, negative=f'{n}s')


def numbers(message):
    """All version numbers in it."""
    found = set()
    for rrset in message.answer + message.authority + message.additional:
        text = rrset.to_text()
        found.update(int(n) for pair in re.findall(r'\bv(\d+)\b|\b10\.(\d+)\.', text) for n in pair if n)
        if rrset.rdtype == dns.rdatatype.SOA:
            found.update({rrset[0].serial, rrset[0].minimum})
    found.update(struct.unpack('!I', o.data[2:6])[0] for o in message.options if o.otype == 19)
    return found


class Client(threading.Thread):
    def __init__(self, daemon):
        super().__init__()
        self.daemon, self.stopping, self.seen, self.mixed, self.trouble = daemon, False, set(), [], None

    def run(self):
        asked = [packet(f'{name}.{ZONE}'.lstrip('.'), kind, additional=[opt(option(19))]) for name, kind in ASKED] * 6
        try:
            while not self.stopping:
                for answer in ask_many(self.daemon.port, asked).values():
                    message = dns.message.from_wire(answer)
                    got = numbers(message)
                    self.seen |= got
                    if len(got) != 1:
                        self.mixed.append(message.to_text())
        except (AssertionError, OSError) as e:
            self.trouble = e


def test_every_answer_is_of_one_version(fleet):
    trio = Trio(fleet, text=version(1))
    clients = [Client(daemon) for daemon in (trio.primary, trio.secondary)]
    for client in clients:
        client.start()
    try:
        for n in range(2, EDITS + 2):
            save(trio.path, version(n))
            trio.primary.serves(ZONE, n)
        trio.secondary.serves(ZONE, EDITS + 1)
    finally:
        for client in clients:
            client.stopping = True
            client.join()
    for client in clients:
        assert client.trouble is None, client.trouble
        assert not client.mixed, client.mixed[0]
        assert len(client.seen) > EDITS / 3, 'the clients hardly saw anything change'
        assert client.daemon.json('stats')['answers_ready'] > EDITS, 'no question came again'
