"""bulk.py - thousands of questions over one socket, and their answers in a form that can be compared.

Answers are taken apart here and not by dnspython, which takes ten times as long; what it would say of them is looked at in
the tests of single answers. It prints those that differ.
"""

import collections
import select
import socket
import struct
import time

import dns.message
import dns.rcode
import dns.rdatatype

from daemons import PATIENCE

IN_FLIGHT = 64
IN_A_STREAM = 8  # over TCP, where servers take only so many at a time
REPEAT = 2  # seconds after which a question is sent again: datagrams may be lost
AA, TC = 0x400, 0x200
OPT, RRSIG = dns.rdatatype.OPT, dns.rdatatype.RRSIG
NS, SOA, ADDRESSES = dns.rdatatype.NS, dns.rdatatype.SOA, (dns.rdatatype.A, dns.rdatatype.AAAA)


def ask_all(server, wires):
    """The answers to questions in wire form, in their order. The ID of a question is its place in the list."""
    answers = [None] * len(wires)
    waiting, unsent = {}, list(range(len(wires)))[::-1]
    end = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((server.address, server.port))
        s.setblocking(False)
        while unsent or waiting:
            now = time.monotonic()
            while unsent and len(waiting) < IN_FLIGHT:
                number = unsent.pop()
                waiting[number] = now
                s.send(number.to_bytes(2, 'big') + wires[number][2:])
            if select.select([s], [], [], REPEAT)[0]:
                wire = s.recv(65535)
                number = int.from_bytes(wire[:2], 'big')
                if waiting.pop(number, None) is not None:
                    answers[number] = wire
            else:
                server.check_alive()
                assert now < end, f'{server.name} left {len(waiting)} questions unanswered'
                unsent += waiting
                waiting.clear()
    return answers


def ask_all_tcp(server, wires):
    """The same over one connection, some questions ahead of their answers, which may come in any order."""
    answers = [None] * len(wires)
    with socket.create_connection((server.address, server.port), PATIENCE) as s, s.makefile('rb') as stream:
        for number, wire in enumerate(wires):
            if number >= IN_A_STREAM:
                take(stream, answers, server)
            s.sendall(len(wire).to_bytes(2, 'big') + number.to_bytes(2, 'big') + wire[2:])
        for _ in range(min(IN_A_STREAM, len(wires))):
            take(stream, answers, server)
    return answers


def take(stream, answers, server):
    wire = stream.read(int.from_bytes(stream.read(2), 'big'))
    assert len(wire) >= 12, f'{server.name} closes the connection'
    number = int.from_bytes(wire[:2], 'big')
    assert answers[number] is None
    answers[number] = wire


def transfer(server, zone):
    """All records of a zone by AXFR, in the form of Message: octets as they came, but for the case of names."""
    question = dns.message.make_query(zone, 'AXFR').to_wire()
    records, apexes = [], 0
    with socket.create_connection((server.address, server.port), PATIENCE) as s, s.makefile('rb') as stream:
        s.sendall(len(question).to_bytes(2, 'big') + question)
        while apexes < 2:
            size = int.from_bytes(stream.read(2), 'big')
            assert size > 12, f'{server.name} ends the transfer of {zone}'
            message = Message(stream.read(size))
            assert message.rcode == 0, f'{server.name} does not transfer {zone}'
            records += message.answer
            apexes += sum(kind == SOA for _, kind, _, _ in message.answer)
    return set(records)


class Content(collections.namedtuple('Content', 'rcode flags answer authority glue')):
    """What an answer says, without what servers may decide: order, case, compression, additional data of convenience.

    A record is (owner in lower case, type, TTL, rdata with the names in it in lower case).
    """

    wire = None

    def __str__(self):
        message = dns.message.from_wire(self.wire)
        lines = [f'{dns.rcode.to_text(self.rcode)} {"AA " if self.flags & AA else ""}{"TC" if self.flags & TC else ""}']
        for part in ('answer', 'authority', 'additional'):
            for s in getattr(message, part):
                lines += [f'  {part}: {s.name} {s.ttl} {dns.rdatatype.to_text(s.rdtype)} {r.to_text()[:100]}' for r in s]
        return '\n    '.join(lines)


def content(wire):
    message = Message(wire)
    flags = message.flags & (AA | TC)
    if flags & TC:  # how much of it came along is of no importance
        parts = [frozenset()] * 3
    else:
        parts = [frozenset(message.answer), frozenset(message.authority), glue(message, flags)]
    result = Content(message.rcode, flags, *parts)
    result.wire = wire
    return result


def glue(message, flags):
    """The addresses in a referral, and their signatures; other answers may have there what they like."""
    if flags & AA or not any(kind == NS for _, kind, _, _ in message.authority):
        return frozenset()
    return frozenset(record for record in message.additional if record[1] in (*ADDRESSES, RRSIG))


class Message:
    """An answer taken apart. `opt` is (class, TTL, rdata) of the OPT record, or None."""

    def __init__(self, wire):
        self.wire, self.names = wire, {}
        _, self.flags, questions, *counts = struct.unpack_from('!6H', wire)
        self.opt, at = None, 12
        for _ in range(questions):
            self.qname, at = self.name(at)
            self.qtype, self.qclass = struct.unpack_from('!HH', wire, at)
            at += 4
        sections = []
        for count in counts:
            section = []
            for _ in range(count):
                at = self.record(at, section)
            sections.append(section)
        assert at == len(wire), 'octets behind the message'
        self.answer, self.authority, self.additional = sections
        self.rcode = self.flags & 15 | (self.opt[1] >> 20 & 0xff0 if self.opt else 0)

    def record(self, at, section):
        owner, at = self.name(at)
        kind, class_, ttl, size = struct.unpack_from('!HHIH', self.wire, at)
        at += 10
        assert at + size <= len(self.wire)
        if kind == OPT:
            assert self.opt is None and owner == b'\0'
            self.opt = class_, ttl, self.wire[at:at + size]
        else:
            section.append((owner, kind, ttl, self.rdata(kind, at, size)))
        return at + size

    def rdata(self, kind, at, size):
        layout = LAYOUTS.get(kind)
        end = at + size
        if layout is None:
            return self.wire[at:end]
        parts = []
        for part in layout:
            if part == 'n':
                name, at = self.name(at)
                parts.append(name)
            else:
                step = self.wire[at] + 1 if part == 's' else part
                parts.append(self.wire[at:at + step])
                at += step
        assert at <= end
        return b''.join(parts) + self.wire[at:end]

    def name(self, at):
        """The name in lower case, uncompressed, and where it ends."""
        length = self.wire[at]
        if length == 0:
            return b'\0', at + 1
        if length >= 192:
            to = int.from_bytes(self.wire[at:at + 2], 'big') & 0x3fff
            assert to < at
            return self.name(to)[0], at + 2
        known = self.names.get(at)
        if known is None:
            rest, end = self.name(at + length + 1)
            known = self.names[at] = self.wire[at:at + length + 1].lower() + rest, end
        return known


# Of rdata with names whose case does not count (RFC 4034 6.2): n is a name, s a string, a number so many octets.
LAYOUTS = {dns.rdatatype.from_text(kind): layout for kind, layout in {
    'NS': 'n', 'CNAME': 'n', 'PTR': 'n', 'DNAME': 'n', 'MB': 'n', 'MG': 'n', 'MR': 'n', 'MD': 'n', 'MF': 'n', 'NSEC': 'n',
    'SOA': 'nn', 'MINFO': 'nn', 'RP': 'nn', 'MX': [2, 'n'], 'KX': [2, 'n'], 'RT': [2, 'n'], 'AFSDB': [2, 'n'],
    'PX': [2, 'n', 'n'], 'SRV': [6, 'n'], 'NAPTR': [4, 's', 's', 's', 'n'], 'RRSIG': [18, 'n'], 'SIG': [18, 'n'],
}.items()}
