"""test_askers.py - dig, kdig, drill, delv and dnspython ask a primary and a cache of ours, over UDP and TCP, IPv4 and IPv6.

They must understand every answer without a complaint, and show what is in it.
"""

import pathlib
import re
import subprocess

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from daemons import PATIENCE, ZONES
from questions import EXAMPLES, Question

DATA = pathlib.Path(__file__).resolve().parent / 'data'
TYPES = [
    Question('types.test', 'TXT', shows=('"one" "two" "" "three"',)),
    Question('types.test', 'TYPE65280', shows=('0A000001',)),
    Question('_sip._udp.types.test', 'SRV', shows=('10 20 5060 mail.types.test.',)),
    Question('svc.types.test', 'SVCB', shows=('8443',)),
    Question('long.types.test', 'TXT', shows=('"0123456789',)),
    Question('longest.types.test', 'TXT', shows=('"0123456789', '"1123456789', '"2123456789')),
    Question('many.types.test', 'A', shows=('192.0.2.1', '192.0.2.40')),
    Question('more.types.test', 'A', shows=('192.0.2.1', '192.0.2.90')),
    Question('mx.types.test', 'MX', shows=('40 mail-40.types.test.',)),
    Question('www.example.com', 'ANY', shows=('www.example.com.',)),
    Question('upper.CASE.types.test', 'A', shows=('192.0.2.26',)),
]
# what the tools print when something is wrong with an answer, or with its fitting the question
COMPLAINT = re.compile(r'warning|malformed|mismatch|bad |extra (bytes|octets)|\berror\b|failed|timed out|unexpected',
                       re.IGNORECASE)
WAYS = [(address, tcp) for address in ('v4', 'v6') for tcp in (False, True)]


@pytest.fixture(scope='module')
def primary(place):
    p = place.settled('primary').dual().take_zones(ZONES, DATA)
    names = sorted(path.stem for path in p.zones.glob('*.zone'))
    p.configure([f'name: {zone}, role: primary, file: {zone}.zone' for zone in names]).start()
    for zone in names:
        p.wait_for(zone)
    p.names = names
    return p


@pytest.fixture(scope='module')
def cache(place, primary):
    c = place.settled('cache').dual()
    c.configure([f'name: {zone}, role: cache, primaries: [primary], allow: [127.0.0.0/8, "::1"]' for zone in primary.names],
                [primary]).start()
    c.wait_ready()
    return c


@pytest.fixture(params=['primary', 'cache'])
def server(request):
    return request.getfixturevalue(request.param)


def questions_for(server):
    """A cache gives no referrals, and nothing to those who ask for ANY."""
    return [q for q in EXAMPLES + TYPES if server.name == 'primary' or not (q.referral or q.kind == 'ANY')]


def one_of_each_kind(server):
    """For the tools that take one question at a time, and start slowly."""
    return {(q.rcode, q.referral, len(q.shows), q in TYPES): q for q in questions_for(server)}.values()


def address_of(server, family):
    return server.address if family == 'v4' else '::1'


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    return done.returncode, done.stdout + done.stderr


def check(question, text, status):
    assert status in text, f'{question}: no {status} in\n{text}'
    for shown in question.shows:
        assert shown.upper() in text.upper(), f'{question}: no {shown} in\n{text}'
    complaint = COMPLAINT.search(text)
    assert complaint is None, f'{question}: {complaint[0]} in\n{text}'


@pytest.mark.parametrize('family,tcp', WAYS)
def test_dig(server, family, tcp):
    asked = questions_for(server)
    for options in ([], ['+noedns'], ['+dnssec', '+nsid', '+cookie']):
        words = [word for q in asked for word in ('-q', q.name, '-t', q.kind)]
        code, text = run('dig', f'@{address_of(server, family)}', '-p', server.port, '+tries=8', '+tcp' if tcp else '+notcp',
                         '+recurse' if server.name == 'cache' else '+norecurse', *options, *words)
        parts = text.split(';; Got answer:')[1:]
        assert code == 0 and len(parts) == len(asked), text
        for q, part in zip(asked, parts):
            check(q, part, f'status: {q.rcode},')
            assert ('flags: qr aa' in part) == (server.name == 'primary' and not q.referral), part


@pytest.mark.parametrize('family,tcp', WAYS)
def test_kdig(server, family, tcp):
    asked = questions_for(server)
    words = [word for q in asked for word in ('-q', q.name, '-t', q.kind)]
    code, text = run('kdig', f'@{address_of(server, family)}', '-p', server.port, '+retry=8', *(['+tcp'] if tcp else []),
                     '+recurse' if server.name == 'cache' else '+norecurse', '+edns', '+nsid', *words)
    parts = text.split(';; ->>HEADER<<-')[1:]
    assert code == 0 and len(parts) == len(asked), text
    for q, part in zip(asked, parts):
        check(q, re.sub(r';; WARNING: truncated reply from .*, retrying over TCP', '', part), f'status: {q.rcode};')


@pytest.mark.parametrize('family,tcp', WAYS)
def test_drill(server, family, tcp):
    for q in one_of_each_kind(server):
        code, text = run('drill', '-p', server.port, '-t' if tcp else '-a', *(['-6'] if family == 'v6' else ['-4']),
                         '-o', 'RD' if server.name == 'cache' else 'rd', f'@{address_of(server, family)}', q.name, q.kind)
        assert code == 0, text
        check(q, text, f'rcode: {q.rcode},')


@pytest.mark.parametrize('family,tcp', [('v4', False), ('v6', True)])
def test_delv(server, family, tcp):
    """It is a resolver: it shows ends, not what leads there."""
    for q in one_of_each_kind(server):
        if q.referral or q.kind == 'ANY':
            continue
        code, text = run('delv', f'@{address_of(server, family)}', '-p', server.port, '-i', '+tcp' if tcp else '+notcp',
                         q.name, q.kind)
        if q.rcode == 'NXDOMAIN':
            assert 'ncache nxdomain' in text, text
        elif not q.shows:
            assert 'ncache nxrrset' in text, text
        else:
            assert code == 0, text
            check(q, text, 'answer' if server.name == 'cache' else 'authoritative')


@pytest.mark.parametrize('family,tcp', WAYS)
def test_dnspython(server, family, tcp):
    for q in questions_for(server):
        for options in ({}, {'use_edns': 0, 'payload': 4096}, {'want_dnssec': True}):
            answer = server.ask(q.name, q.kind, tcp=tcp, rd=server.name == 'cache', address=address_of(server, family),
                                **options)
            assert dns.rcode.to_text(answer.rcode()) == q.rcode, f'{q}: {answer}'
            assert (answer.edns >= 0) == bool(options)


def test_what_does_not_fit_is_truncated_and_asked_again(server):
    for name in ('more', 'longest', 'long'):
        kind = 'A' if name == 'more' else 'TXT'
        rd = server.name == 'cache'
        whole = server.ask(f'{name}.types.test', kind, tcp=True, rd=rd)
        assert not whole.flags & dns.flags.TC and len(whole.answer[0]) >= 1
        for size in (0, 512, 1232):
            options = {'use_edns': 0, 'payload': size} if size else {}
            part = server.ask(f'{name}.types.test', kind, rd=rd, **options)
            fits = len(whole.to_wire()) + (11 if size else 0) <= max(size, 512)
            assert bool(part.flags & dns.flags.TC) != fits
            assert len(part.to_wire()) <= max(size, 512)


@pytest.mark.parametrize('number', [62000, 65400, 99])
def test_unknown_types(server, number):
    answer = server.ask('www.example.com', number, rd=server.name == 'cache')
    assert answer.rcode() == dns.rcode.NOERROR and not answer.answer
    assert [s.name.to_text() for s in answer.authority] == ['example.com.']


@pytest.mark.parametrize('kind,rcode', [('MAILB', 'NOTIMP'), ('MAILA', 'NOTIMP'), ('OPT', 'FORMERR'), ('TSIG', 'FORMERR')])
def test_types_that_are_none(server, kind, rcode):
    answer = server.ask('www.example.com', kind, rd=server.name == 'cache')
    assert dns.rcode.to_text(answer.rcode()) == rcode


def test_any_is_answered_with_one_set(primary, cache):
    ours = primary.ask('www.example.com', 'ANY')
    assert len(ours.answer) == 1 and ours.answer[0].name.to_text() == 'www.example.com.'
    minimal = cache.ask('never.asked.sites.example.com', 'ANY', rd=True)
    assert [s.rdtype for s in minimal.answer] == [dns.rdatatype.HINFO]  # RFC 8482 4.2
