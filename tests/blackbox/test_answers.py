"""test_answers.py - EDNS, sizes, truncation and TCP, IPv4 and IPv6, and the shapes of authoritative answers, as clients see them."""

import re

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rdatatype
import dns.zone
import pytest

from fleet import run, save, zone_text
from wirekit import BADVERS, FORMERR, NOERROR, REFUSED, Stream, ask, opt, option, packet, rcode

ZONE = 'example.com'
LINES = [
    'www A 192.0.2.80', 'www AAAA 2001:db8::80', 'alias CNAME www', 'far CNAME www.example.net.', 'loop1 CNAME loop2', 'loop2 CNAME loop1',
    '*.wild A 192.0.2.90', 'old DNAME wild', 'a.deep.name A 192.0.2.91', 'sub NS ns.sub', 'sub DS 12345 13 2 ' + 'AB' * 32, 'ns.sub A 192.0.2.53',
    '@ MX 10 www', *[f'many A 198.51.100.{i}' for i in range(1, 201)], *[f'big TXT "{i:03}{"x" * 250}"' for i in range(200)],
    *[f'middle TXT "{i:03}{"x" * 250}"' for i in range(4)],
]


@pytest.fixture(scope='module')
def daemon(module_fleet):
    save(module_fleet.path(ZONE), zone_text(7, *LINES))
    return module_fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, transfer: ["::1"] }}]',
                               server=', nsid: here-1')


def options(answer):
    return {o.otype: o for o in answer.options}


def ede(answer):
    return [o.code for o in answer.options if o.otype == dns.edns.EDE]


# ---- EDNS ----


def test_without_edns_none_comes_back(daemon):
    assert daemon.ask('www.example.com', use_edns=False).edns == -1


def test_payload_and_do(daemon):
    for do in (False, True):
        answer = daemon.ask('www.example.com', use_edns=0, want_dnssec=do)
        assert answer.edns == 0 and answer.payload == 1232 and bool(answer.ednsflags & dns.flags.DO) == do
        assert answer.ednsflags & 0x7fff == 0


@pytest.mark.parametrize('version', [1, 2, 100, 255])
def test_bad_version(daemon, version):
    """RFC 6891 6.1.3: BADVERS, with the version we speak, and nothing else."""
    got = dns.message.from_wire(ask(daemon.port, packet('www.example.com', additional=[opt(version=version, do=True)])))
    assert got.rcode() == BADVERS and got.edns == 0 and not got.answer
    assert got.ednsflags & dns.flags.DO


def test_unknown_options_and_flags(daemon):
    """Passed over, and not echoed."""
    many = b''.join(option(65000 + i, b'x' * i) for i in range(50))
    got = dns.message.from_wire(ask(daemon.port, packet('www.example.com', additional=[opt(many)])))
    assert got.rcode() == NOERROR and got.answer and not got.options
    sent = packet('www.example.com', additional=[b'\0\0\x29\x04\xd0\0\0\x7f\xff\0\0'])  # all other flags
    got = dns.message.from_wire(ask(daemon.port, sent))
    assert got.rcode() == NOERROR and got.ednsflags & 0x7fff == 0


def test_nsid(daemon):
    assert daemon.ask('www.example.com', use_edns=0).options == ()
    answer = daemon.ask('www.example.com', use_edns=0, options=[dns.edns.GenericOption(dns.edns.NSID, b'')])
    assert options(answer)[dns.edns.NSID].data == b'here-1'
    assert 'here-1' in daemon.dig('+nsid', 'www.example.com')


def test_zoneversion(daemon):
    """RFC 9660: labels of the zone, type 0 (SOA-SERIAL), the serial. A question that has something in it is FORMERR (3.2)."""
    for name in ('www.example.com', 'no.example.com', 'example.com'):
        answer = daemon.ask(name, use_edns=0, options=[dns.edns.GenericOption(19, b'')])
        assert options(answer)[19].data == b'\x02\x00\0\0\0\x07'
    refused = daemon.ask('www.example.org', use_edns=0, options=[dns.edns.GenericOption(19, b'')])
    assert refused.rcode() == REFUSED and 19 not in options(refused)
    assert rcode(ask(daemon.port, packet('www.example.com', additional=[opt(option(19, b'\2\0'))]))) == FORMERR


def test_cookies_do_no_harm(daemon):
    assert daemon.ask('www.example.com', use_edns=0, options=[dns.edns.GenericOption(10, b'12345678')]).rcode() == NOERROR
    assert rcode(ask(daemon.port, packet('www.example.com', additional=[opt(option(10, b'short'))]))) == FORMERR


def test_extended_errors(daemon):
    answer = daemon.ask('www.example.org', use_edns=0)
    assert answer.rcode() == REFUSED and ede(answer) == [20]
    assert 'EDE: 20' in daemon.dig('www.example.org')
    assert daemon.ask('www.example.org').edns == -1


# ---- sizes ----


def test_truncation(daemon):
    """No EDNS: 512. With it: what both allow. TC=1 and no part of an RRset; whole over TCP."""
    for name, kind in (('big.example.com', 'TXT'), ('many.example.com', 'A')):
        for edns, payload, most in ((False, 0, 512), (0, 512, 512), (0, 100, 512), (0, 900, 900), (0, 4096, 1232), (0, 65535, 1232)):
            question = dns.message.make_query(name, kind, use_edns=edns, payload=payload or 1232)
            got = ask(daemon.port, question.to_wire())
            answer = dns.message.from_wire(got)
            assert len(got) <= most and answer.flags & dns.flags.TC and not answer.answer
        whole = daemon.ask(name, kind, tcp=True)
        assert not whole.flags & dns.flags.TC and len(whole.answer[0]) == 200
    assert len(re.findall(r'IN\s+TXT\s+"', daemon.dig('big.example.com', 'TXT'))) == 200  # dig comes back over TCP by itself


def test_what_fits_is_not_truncated(daemon):
    answer = daemon.ask('middle.example.com', 'TXT', use_edns=0, payload=1232)
    assert not answer.flags & dns.flags.TC and len(answer.answer[0]) == 4
    assert daemon.ask('middle.example.com', 'TXT').flags & dns.flags.TC


# ---- shapes ----


def test_header(daemon):
    for rd in (False, True):
        answer = daemon.ask('www.example.com', rd=rd)
        assert answer.flags & dns.flags.AA and not answer.flags & dns.flags.RA and bool(answer.flags & dns.flags.RD) == rd
    question = dns.message.make_query('www.example.com', 'A')
    question.flags |= dns.flags.CD | dns.flags.AD
    assert not daemon.send(question).flags & dns.flags.AD


def test_case_is_kept(daemon):
    sent = packet('wWw.ExAmPlE.cOm')
    got = ask(daemon.port, sent)
    assert got[12:len(sent)] == sent[12:] and dns.message.from_wire(got).answer


def test_negative(daemon):
    for name, kind, want in (('no.example.com', 'A', 3), ('www.example.com', 'MX', 0), ('name.example.com', 'A', 0),
                             ('deep.name.example.com', 'TXT', 0), ('wild.example.com', 'A', 0), ('x.www.example.com', 'A', 3)):
        answer = daemon.ask(name, kind)
        assert answer.rcode() == want and not answer.answer and answer.flags & dns.flags.AA, name
        assert answer.authority[0].rdtype == dns.rdatatype.SOA and answer.authority[0].ttl == 2  # the smaller of TTL and MINIMUM


def test_wildcard(daemon):
    for name in ('x.wild.example.com', 'y.x.wild.example.com'):
        answer = daemon.ask(name)
        assert answer.answer[0].name.to_text() == name + '.' and answer.answer[0][0].address == '192.0.2.90'


def test_chains(daemon):
    answer = daemon.ask('alias.example.com')
    assert [s.rdtype for s in answer.answer] == [5, 1] and answer.answer[1][0].address == '192.0.2.80'
    answer = daemon.ask('far.example.com')
    assert [s.rdtype for s in answer.answer] == [5] and answer.rcode() == NOERROR
    answer = daemon.ask('x.old.example.com')
    assert [s.rdtype for s in answer.answer] == [39, 5, 1] and answer.answer[1].ttl == answer.answer[0].ttl
    answer = daemon.ask('loop1.example.com')
    assert {s.rdtype for s in answer.answer} == {5} and len(answer.answer) == 2


def test_referral(daemon):
    answer = daemon.ask('x.sub.example.com', want_dnssec=True)
    assert not answer.flags & dns.flags.AA and not answer.answer
    assert [(s.name.to_text(), s.rdtype) for s in answer.authority][:1] == [('sub.example.com.', 2)]
    assert [(s.name.to_text(), s[0].address) for s in answer.additional] == [('ns.sub.example.com.', '192.0.2.53')]
    answer = daemon.ask('sub.example.com', 'DS')
    assert answer.flags & dns.flags.AA and answer.answer[0].rdtype == 43


def test_additional_addresses(daemon):
    answer = daemon.ask('example.com', 'MX')
    assert {s.rdtype for s in answer.additional} == {1, 28}


def test_any_is_small(daemon):
    answer = daemon.ask('www.example.com', 'ANY')
    assert len(answer.answer) == 1 and answer.rcode() == NOERROR


# ---- both families, clients of several makes ----


@pytest.mark.parametrize('where', ['127.0.0.1', '::1'])
@pytest.mark.parametrize('tcp', [False, True])
def test_families(daemon, where, tcp):
    assert daemon.values('www.example.com', 'AAAA', where=where, tcp=tcp) == ['2001:db8::80']


@pytest.mark.parametrize('words', [
    ['dig', '+noall', '+answer', '@{at}', '-p', '{port}', 'www.example.com'],
    ['dig', '+noall', '+answer', '+tcp', '@{at}', '-p', '{port}', 'www.example.com'],
    ['kdig', '+noall', '+answer', '@{at}', '-p', '{port}', 'www.example.com'],
    ['kdig', '+noall', '+answer', '+tcp', '@{at}', '-p', '{port}', 'www.example.com'],
    ['drill', '-p', '{port}', '@{at}', 'www.example.com'],
    ['drill', '-t', '-p', '{port}', '@{at}', 'www.example.com'],
    ['delv', '-i', '+noroot', '@{at}', '-p', '{port}', 'www.example.com'],
    ['host', '-p', '{port}', 'www.example.com', '{at}'],
], ids=lambda w: ' '.join(w[:3]))
def test_clients(daemon, words):
    for at in ('127.0.0.1', '::1'):
        got = run(*[w.format(at=at, port=daemon.port) for w in words])
        assert got.returncode == 0 and '192.0.2.80' in got.stdout, got.stdout + got.stderr
        assert 'warning' not in got.stdout.lower() and 'malformed' not in got.stdout.lower(), got.stdout


# ---- transfers ----


def test_axfr(daemon):
    """Whole, well-formed, SOA at both ends; refused to those who may not."""
    xfr = dns.query.xfr('::1', ZONE, port=daemon.port, timeout=20, lifetime=20, relativize=False)
    zone = dns.zone.from_xfr(xfr, relativize=False)
    assert len(zone.find_rdataset('big.example.com.', 'TXT')) == 200 and len(zone.find_rdataset('many.example.com.', 'A')) == 200
    assert sum(len(s) for n in zone.values() for s in n) == 4 + len(LINES) - 1  # the SOA stands twice, and dnspython keeps one
    assert 'Transfer failed' in daemon.dig('AXFR', ZONE)
    got = run('dig', '@::1', '-p', daemon.port, 'AXFR', ZONE)
    assert len(re.findall(r'\sTXT\s', got.stdout)) == 204 and got.stdout.count('\tSOA\t') == 2


def test_ixfr_of_who_has_it_and_who_has_not(daemon):
    for serial, most in ((7, 1), (8, 1), (6, 1000)):
        got = run('dig', '@::1', '-p', daemon.port, f'IXFR={serial}', '+tcp', ZONE)
        assert 'status: ' not in got.stdout or 'NOERROR' in got.stdout
        records = re.findall(r'^example\.com\.\s+60\s+IN\s+SOA', got.stdout, re.M)
        assert len(records) == (1 if most == 1 else 2), got.stdout[-1500:]


def test_questions_behind_a_transfer(daemon):
    """On the same connection, in the same breath."""
    with Stream(daemon.port, '::1') as s:
        s.send(packet(ZONE, 252, number=1), packet('www.example.com', number=2), packet('no.example.com', number=3))
        soas, numbers = 0, []
        while 3 not in numbers:
            got = dns.message.from_wire(s.receive())
            numbers.append(got.id)
            soas += sum(len(x) for x in got.answer if x.rdtype == 6 and got.id == 1)
        assert {1, 2, 3} == set(numbers) and got.rcode() == 3
