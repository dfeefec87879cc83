"""test_mutated.py - a hundred thousand mutated and truncated packets against the living daemon, over UDP and TCP: it stays up, answers
what can be answered, and what it says is well-formed (RELIABILITY.md 10). The seed is new each time and shown when a test fails;
SETTLED_SEED repeats one."""

import os
import random
import socket
import struct

import dns.exception
import dns.message
import pytest

from fleet import ROOT, save, until, zone_text
from wirekit import NOTIFY, UPDATE, Stream, ask_many, name, opt, option, packet, record, soa, udp

ZONE = 'example.com'
COUNT = int(os.environ.get('SETTLED_MUTANTS', '100000'))
SEED = int(os.environ.get('SETTLED_SEED', 1))  # what passes here passes there
LINES = ['www A 192.0.2.80', 'alias CNAME www', '*.wild A 192.0.2.90', 'old DNAME wild', 'sub NS ns.sub', 'ns.sub A 192.0.2.53',
         *[f'big TXT "{i:03}{"x" * 200}"' for i in range(20)]]
TSIG = record('k', 250, name('hmac-sha256') + bytes(6) + b'\1\x2c\0\4abcd\0\1\0\0\0\0', 255)
SEEDS = [
    *[packet(n, t, flags=f, additional=a) for n in ('www.example.com', 'x.y.wild.example.com', 'x.old.example.com', 'x.sub.example.com',
                                                    'big.example.com', 'no.example.com', 'www.example.net', '.')
      for t in (1, 16, 255) for f in (0, 0x0100) for a in ([], [opt()])],
    packet(ZONE, 6, additional=[opt(option(3) + option(19) + option(10, b'12345678') + option(11) + option(12, bytes(40)), do=True)]),
    packet(ZONE, 6, opcode=NOTIFY, flags=0x0400, answer=[soa(ZONE, 9)]),
    packet(ZONE, 251, authority=[soa(ZONE, 1)]),
    packet(ZONE, 252),
    packet(ZONE, 6, opcode=UPDATE, authority=[record('x.' + ZONE, 1, b'\1\2\3\4', ttl=60)]),
    packet(ZONE, 1, additional=[opt(), TSIG]),
    packet(ZONE, 1, additional=[record(b'\xc0\x0c', 1, b'\1\2\3\4')]),
    packet('.'.join(['a'] * 120), 1),
    packet('.'.join(['x' * 63] * 3), 28),
]


def mutate(rand, seeds):
    p = bytearray(rand.choice(seeds))
    for _ in range(rand.choice((1, 1, 1, 2, 3, 8))):
        at = rand.randrange(len(p)) if p else 0
        match rand.randrange(10):
            case 0:
                p = p[:at]
            case 1 if p:
                p[at] ^= 1 << rand.randrange(8)
            case 2 if p:
                p[at] = rand.choice((0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff))
            case 3:
                p[at:at] = rand.randbytes(rand.randrange(1, 20))
            case 4:
                other = rand.choice(seeds)
                p = p[:at] + other[rand.randrange(len(other)):]
            case 5 if len(p) >= 12:
                struct.pack_into('!H', p, rand.choice((4, 6, 8, 10)), rand.choice((0, 1, 2, 100, 65535)))
            case 6:
                p[at:at] = p[at:at + rand.randrange(1, 60)]
            case 7:
                p[at:at + 2] = struct.pack('!H', 0xc000 | rand.randrange(64))
            case 8:
                del p[at:at + rand.randrange(1, 12)]
            case 9 if len(p) > 12:
                p[2:4] = rand.randbytes(2)
    return bytes(p)


@pytest.fixture(scope='module')
def fleet_of_two(module_fleet):
    """A primary, and behind it a daemon in all three roles, that forwards what is not its own to the primary."""
    f = module_fleet
    save(f.path(ZONE), zone_text(7, *LINES))
    primary = f.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, transfer: [127.0.0.1], notify: [{f.at("other")}] }}]')
    other = f.daemon('other', f'''
zones:
  - {{ name: {ZONE}, role: secondary, primaries: [{f.at('primary')}] }}
  - {{ name: sub.{ZONE}, role: cache, primaries: [{f.at('primary')}] }}
  - {{ name: ., role: cache, primaries: [{f.at('primary')}] }}
''')
    other.serves(ZONE, 7)
    return primary, other


def check_answers(packets, answers):
    """By number: sent and received."""
    parsed = 0
    for number, got in answers.items():
        sent = packets[number]
        assert len(sent) >= 12 and not sent[2] & 0x80, f'answered: {sent.hex()}'
        assert len(got) >= 12 and got[2] & 0x80 and (got[2] ^ sent[2]) & 0x78 == 0, f'{sent.hex()}: {got.hex()}'
        if number % 10 == 0:
            parsed += is_well_formed(got)
    return parsed


def is_well_formed(answer):
    """False: of an opcode that dnspython does not know, or whose question it wants to be a zone."""
    if answer[2] >> 3 & 15 not in (0, 1, 2, 4):
        return False
    try:
        dns.message.from_wire(answer)
    except dns.message.UnknownTSIGKey:  # it got as far as the last record, which says BADKEY
        assert answer[3] & 15 == 9 and answer[-4:] == b'\0\x11\0\0', answer.hex()
    except (dns.exception.DNSException, ValueError) as e:
        raise AssertionError(f'answer {answer.hex()}: {e!r}') from e
    return True


@pytest.mark.parametrize('which, share', [(0, 0.7), (1, 0.3)], ids=['primary', 'secondary and cache'])
def test_udp(fleet_of_two, which, share):
    daemon, rand = fleet_of_two[which], random.Random(SEED + which)
    left, parsed = int(COUNT * share), 0
    while left > 0:
        packets = [mutate(rand, SEEDS) for _ in range(min(left, 5000))]
        packets = [p if len(p) >= 2 else b'\0\0' for p in packets]
        answers = ask_many(daemon.port, packets) if which == 0 else throw(daemon, packets)
        parsed += check_answers(packets, answers) if which == 0 else len(answers)
        left -= len(packets)
        assert daemon.process.poll() is None, f'seed {SEED}: it went down'
    assert parsed > COUNT * share / 100, f'seed {SEED}: few answers'
    assert daemon.values('www.example.com') == ['192.0.2.80'], f'seed {SEED}'


def throw(daemon, packets):
    """For the one that answers later and in another order: sent in batches that its buffers hold, answers are only collected."""
    got = []
    with udp(daemon.port) as s:
        s.setblocking(False)
        for at in range(0, len(packets), 64):
            for p in packets[at:at + 64]:
                s.send(p)
            until(lambda: daemon.values('www.example.com'), 'it answers in between')
            try:
                while True:
                    got.append(s.recv(65536))
            except BlockingIOError:
                pass
    for answer in got[::10]:
        is_well_formed(answer)
    return got


def test_tcp(fleet_of_two):
    """Streams of mutated messages, some with the length wrong."""
    daemon, rand = fleet_of_two[0], random.Random(SEED + 2)
    for _ in range(max(20, COUNT // 250)):
        try:
            with Stream(daemon.port) as s:
                messages = [mutate(rand, SEEDS) for _ in range(rand.randrange(1, 8))]
                octets = b''.join(struct.pack('!H', len(m) if rand.random() < 0.9 else rand.randrange(65536)) + m for m in messages)
                s.s.sendall(octets)
                s.s.shutdown(socket.SHUT_WR)
                while (answer := s.receive()) is not None:
                    assert answer[2] & 0x80
        except ConnectionError:
            pass
    assert daemon.values('www.example.com', tcp=True) == ['192.0.2.80'], f'seed {SEED}'


def test_what_once_broke_something(fleet_of_two):
    """The corpus of the fuzz target for questions, over the wire."""
    corpus = [p.read_bytes() for p in sorted((ROOT / 'tests' / 'fuzz' / 'corpus' / 'query').iterdir()) if p.is_file()]
    assert corpus
    packets = [p[:4000] if len(p) >= 2 else b'\0\0' for p in corpus]
    check_answers(packets, ask_many(fleet_of_two[0].port, packets, batch=8))
    throw(fleet_of_two[1], packets)
