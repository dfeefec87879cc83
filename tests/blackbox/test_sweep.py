"""test_sweep.py - opcode x class x QR x type: never an answer to an answer, and each other combination its rcode (RELIABILITY.md 14)."""

import itertools
import struct
import time

import dns.message
import dns.rcode
import pytest

from fleet import save, zone_text
from wirekit import (FORMERR, IN, NOERROR, NOTAUTH, NOTIFY, NOTIMP, NXDOMAIN, QUERY, REFUSED, UPDATE, Stream, ask, ask_many, name, opt, packet,
                     rcode, record, soa)

ZONE = 'example.com'
CLASSES = [IN, 0, 2, 3, 4, 254, 255, 65535]
TYPES = {'A': 1, 'SOA': 6, 'DS': 43, 'OPT': 41, 'TKEY': 249, 'TSIG': 250, 'IXFR': 251, 'AXFR': 252, 'MAILB': 253, 'MAILA': 254, 'ANY': 255,
         'zero': 0, 'private': 65400, 'last': 65535}
NAMES = ['www.example.com', 'no.example.com', 'example.com', 'example.org']


@pytest.fixture(scope='module')
def daemon(module_fleet):
    save(module_fleet.path(ZONE), zone_text(4, 'www A 192.0.2.4'))
    return module_fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')


def expected(opcode, qclass, qr, qtype, qname):
    """None: no answer."""
    if qr:
        return None
    if opcode == UPDATE:
        return REFUSED
    if opcode not in (QUERY, NOTIFY):
        return NOTIMP
    if qclass != IN:
        return REFUSED
    if opcode == NOTIFY:
        return NOTAUTH if qtype == 6 else FORMERR
    if qtype in (251, 252):  # AXFR over UDP; IXFR without the SOA it needs
        return FORMERR
    if qtype in (253, 254):
        return NOTIMP
    if qtype in (0, 41, 249, 250):
        return FORMERR
    if qname == 'example.org':
        return REFUSED
    return NXDOMAIN if qname == 'no.example.com' else NOERROR


def test_sweep(daemon):
    cases = list(itertools.product(range(16), CLASSES, (0, 1), TYPES.values(), NAMES))
    packets = [packet(qname, qtype, qclass, opcode, 0x8000 * qr) for opcode, qclass, qr, qtype, qname in cases]
    answers = ask_many(daemon.port, packets)
    wrong = []
    for number, (case, sent) in enumerate(zip(cases, packets)):
        got, want = answers.get(number), expected(*case)
        if (None if got is None else rcode(got)) != want:
            wrong.append(f'{case}: {got and dns.rcode.to_text(rcode(got))}, not {want if want is None else dns.rcode.to_text(want)}')
        elif got is not None:
            flags = struct.unpack('!H', got[2:4])[0]
            assert flags & 0x8000 and flags >> 11 & 15 == case[0] and not flags & 0x0200, case
            if case[0] in (QUERY, NOTIFY):
                assert got[12:len(sent)] == sent[12:] and got[4:6] == b'\0\1', case  # the question as it came
                dns.message.from_wire(got)
    assert not wrong, f'{len(wrong)} of {len(cases)} wrong:\n' + '\n'.join(wrong[:40])


def test_over_tcp(daemon):
    """The same table, but that a transfer may be asked for (and is refused), and that who sends an answer is left."""
    for opcode, qclass, qtype, qname in itertools.product((0, 2, 4, 5), (IN, 3), (1, 6, 251, 252, 253), ('www.example.com', 'example.com')):
        want = expected(opcode, qclass, 0, qtype, qname)
        if opcode == QUERY and qclass == IN and qtype == 252:
            want = REFUSED if qname == ZONE else NOTAUTH
        with Stream(daemon.port) as s:
            s.send(packet(qname, qtype, qclass, opcode, number=7))
            got = s.receive()
            assert got is not None and got[:2] == b'\0\7' and rcode(got) == want, (opcode, qclass, qtype, qname, got)
    with Stream(daemon.port) as s:
        s.send(packet('www.example.com', flags=0x8000))
        assert s.closed()


def test_ixfr(daemon):
    """With its SOA it is refused to strangers; the zone of another is not ours."""
    for zone, want in ((ZONE, REFUSED), ('example.org', NOTAUTH)):
        got = ask(daemon.port, packet(zone, 251, authority=[soa(zone, 1)]))
        assert rcode(got) == want
    assert rcode(ask(daemon.port, packet(ZONE, 251, authority=[soa('example.net', 1)]))) == FORMERR


def test_update_is_refused(daemon):
    """A whole UPDATE, with prerequisite and records (RFC 2136)."""
    got = ask(daemon.port, packet(ZONE, 6, opcode=UPDATE, authority=[record('x.' + ZONE, 1, b'\1\2\3\4', ttl=60)]))
    assert rcode(got) == REFUSED
    assert daemon.ask('x.' + ZONE).rcode() == NXDOMAIN


FORMS = {
    'no question': struct.pack('!6H', 1, 0, 0, 0, 0, 0),
    'two questions': struct.pack('!6H', 1, 0, 2, 0, 0, 0) + (name(ZONE) + b'\0\1\0\1') * 2,
    'a question promised': struct.pack('!6H', 1, 0, 1, 0, 0, 0),
    'question cut': packet(ZONE)[:-1],
    'garbage behind': packet(ZONE) + b'x',
    'record promised': packet(ZONE, counts=[1, 0, 0, 1]),
    'many records promised': packet(ZONE, counts=[1, 65535, 65535, 65535]),
    'name compressed': struct.pack('!6H', 1, 0, 1, 0, 0, 0) + b'\xc0\x0c\0\1\0\1',
    'label type 01': struct.pack('!6H', 1, 0, 1, 0, 0, 0) + b'\x41x\0\0\1\0\1',
    'label type 10': struct.pack('!6H', 1, 0, 1, 0, 0, 0) + b'\x81x\0\0\1\0\1',
    'name too long': struct.pack('!6H', 1, 0, 1, 0, 0, 0) + b'\x3f' + b'x' * 63 + (b'\x3f' + b'y' * 63) * 3 + b'\0\0\1\0\1',
    'two OPTs': packet(ZONE, additional=[opt(), opt()]),
    'OPT of a name': packet(ZONE, additional=[opt(owner=name(ZONE))]),
    'OPT in the answer': packet(ZONE, answer=[opt()]),
    'option cut': packet(ZONE, additional=[opt(b'\0\3\0\5x')]),
    'option head cut': packet(ZONE, additional=[opt(b'\0\3\0')]),
    'cookie too short': packet(ZONE, additional=[opt(b'\0\x0a\0\7' + b'x' * 7)]),
    'cookie too long': packet(ZONE, additional=[opt(b'\0\x0a\0\x29' + b'x' * 41)]),
    'an A of three octets': packet(ZONE, additional=[record('x.' + ZONE, 1, b'\1\2\3')]),
    'an owner that points ahead': packet(ZONE, authority=[record(b'\xc0\xff', 1, b'\1\2\3\4')]),
    'TSIG not last': packet(ZONE, additional=[record('k', 250, b'', 255), opt()]),
    'two TSIGs': packet(ZONE, additional=[record('k', 250, b'', 255), record('k', 250, b'', 255)]),
}


@pytest.mark.parametrize('what', FORMS)
def test_malformed(daemon, what):
    got = ask(daemon.port, FORMS[what])
    assert got is not None and rcode(got) == FORMERR and got[2] & 0x80


def test_too_short_for_an_answer(daemon):
    """Less than a header is dropped; the daemon goes on."""
    before = daemon.json('stats')['dropped_short']
    packets = [packet(ZONE)[:n] for n in range(2, 12)]
    assert ask_many(daemon.port, packets) == {}
    assert daemon.json('stats')['dropped_short'] - before == len(packets)
    before = daemon.json('stats')['dropped_response']
    assert ask_many(daemon.port, [packet(ZONE, flags=0x8000)] * 20) == {}
    assert daemon.json('stats')['dropped_response'] - before == 20


def test_signed_with_a_key_we_do_not_have(daemon):
    tsig = record('k', 250, name('hmac-sha256') + bytes(6) + b'\1\x2c\0\4abcd\0\1\0\0\0\0', 255)
    got = ask(daemon.port, packet(ZONE, additional=[tsig]))
    badkey = record('k', 250, name('hmac-sha256') + bytes(6) + b'\1\x2c\0\0\0\1\0\x11\0\0', 255)
    assert rcode(got) == NOTAUTH and got.endswith(badkey)  # RFC 8945 5.3.2: unsigned, and why
    assert 'BADKEY' in daemon.dig('-y', 'hmac-sha256:k:c2VjcmV0c2VjcmV0c2VjcmV0', 'www.example.com')
    assert rcode(ask(daemon.port, packet(ZONE, additional=[record('k', 250, b'', 255)]))) == FORMERR


def test_notify_only_from_a_primary(fleet):
    """From a stranger it is refused, over UDP and TCP alike; from the primary's address, whatever its port, it is taken."""
    d = fleet.daemon('secondary', f'''
zones:
  - {{ name: {ZONE}, role: secondary, primaries: [{fleet.at('nobody')}] }}
  - {{ name: example.net, role: secondary, primaries: ["127.0.0.77@{fleet.port('nobody')}"] }}
  - {{ name: example.org, role: cache, primaries: ["127.0.0.77@{fleet.port('nobody')}"], notify-from: [127.0.0.0/8] }}
  - {{ name: ., role: cache, primaries: ["127.0.0.77@{fleet.port('nobody')}"] }}
''')
    for zone, want in ((ZONE, NOERROR), ('example.net', REFUSED), ('example.org', NOERROR), ('example.biz', NOTAUTH), ('.', NOTAUTH)):
        for serial in ([], [soa(zone, 9)] if zone != '.' else []):
            sent = packet(zone, 6, opcode=NOTIFY, flags=0x0400, answer=serial, number=3)
            got = ask(d.port, sent)
            assert rcode(got) == want and got[2] & 0x78 == NOTIFY << 3, zone
            with Stream(d.port) as s:
                s.send(sent)
                assert rcode(s.receive()) == want
    assert d.json('stats')['notify_refused'] >= 8


def test_a_storm_of_notify_costs_little(fleet):
    """Ten thousand NOTIFYs, most merged with one that waits already; the zone stays, and the primary is asked ten times a second."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    primary = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, transfer: [127.0.0.1] }}]')
    secondary = fleet.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [{fleet.at("primary")}] }}]')
    secondary.serves(ZONE, 1)
    before, start = primary.json('stats')['queries_udp'], time.monotonic()
    answers = ask_many(secondary.port, [packet(ZONE, 6, opcode=NOTIFY, flags=0x0400, answer=[soa(ZONE, 1)])] * 10000)
    assert len(answers) == 10000 and {rcode(a) for a in answers.values()} == {NOERROR}
    asked = primary.json('stats')['queries_udp'] - before
    stats = secondary.json('stats')
    assert stats['notify_taken'] + stats['notify_merged'] >= 10000
    assert asked <= 6 + 10 * (time.monotonic() - start)
    assert secondary.values('www.example.com') == ['192.0.2.1']
