"""test_hostile.py - a primary that lies, breaks off or never ends: one clear line in the log, the reason in `status`, the old data stays,
and an honest answer afterwards is taken (RELIABILITY.md 12)."""

import random
import re
import socket
import struct

import dns.flags
import dns.message
import pytest

from fleet import save, unless_stalled, until, zone_text
from hostile import ZONE, Primary, framed, respond, rr, small_zone, soa
from wirekit import NOTIFY, ask, packet, rcode

NAME = 'www.example.com'


def new(s):
    """What the lies say is the zone; nothing of it may ever be served."""
    return small_zone(s.serial, '192.0.2.99')


def end(s):
    return soa(s.serial)


def whole(q, *records):
    return framed(respond(q, *records))


def closes_at_once(s, c, q):
    pass


def closes_midway(s, c, q):
    c.sendall(whole(q, *new(s)))


def closes_within_a_message(s, c, q):
    c.sendall(whole(q, *new(s), end(s))[:-10])


def resets(s, c, q):
    c.sendall(whole(q, *new(s)))
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def foreign_owner(s, c, q):
    c.sendall(whole(q, *new(s), rr('www.example.net.', 'A', '192.0.2.66'), end(s)))


def parent_owner(s, c, q):
    c.sendall(whole(q, *new(s), rr('com.', 'NS', 'ns1.example.com.'), end(s)))


def sibling_suffix(s, c, q):
    c.sendall(whole(q, *new(s), rr('notexample.com.', 'A', '192.0.2.66'), end(s)))


def never_ends(s, c, q):
    c.sendall(whole(q, *new(s)))
    n = 0
    while True:
        c.sendall(whole(q, *[rr(f'h{n + i}.example.com.', 'A', '192.0.2.66') for i in range(100)]))
        n += 100


def silent(s, c, q):
    while c.recv(1):
        pass


def silent_midway(s, c, q):
    c.sendall(whole(q, *new(s)))
    while c.recv(1):
        pass


def trickles(s, c, q):
    for octet in whole(q, *new(s)) * 100:
        c.sendall(bytes([octet]))
        if s.over.wait(0.02):
            return


def another_soa_at_the_end(s, c, q):
    c.sendall(whole(q, *new(s), soa(s.serial + 1)))


def records_behind_the_end(s, c, q):
    c.sendall(whole(q, *new(s), end(s), rr('x.example.com.', 'A', '192.0.2.66')))


def no_soa_first(s, c, q):
    c.sendall(whole(q, *new(s)[1:], end(s)))


def soa_below(s, c, q):
    c.sendall(whole(q, *new(s), soa(s.serial, 'sub.example.com'), end(s)))


def another_class(s, c, q):
    c.sendall(whole(q, *new(s), rr('x.example.com.', 'A', 'example.com. 1', 'CH'), end(s)))


def meta_type(s, c, q):
    c.sendall(whole(q, *new(s), rr('x.example.com.', 'TYPE255', '\\# 0'), end(s)))


def garbage(s, c, q):
    c.sendall(framed(random.Random(1).randbytes(300)))


def garbage_behind_a_header(s, c, q):
    c.sendall(framed(whole(q, *new(s), end(s))[2:40] + random.Random(1).randbytes(300)))


def empty_message(s, c, q):
    c.sendall(framed(b''))


def question_back(s, c, q):
    c.sendall(framed(q.to_wire()))


def another_id(s, c, q):
    c.sendall(framed(respond(q, *new(s), end(s), id=q.id ^ 1)))


def another_question(s, c, q):
    other = dns.message.make_query('example.net', 'AXFR')
    other.id = q.id
    c.sendall(whole(other, *new(s), end(s)))


def truncated(s, c, q):
    answer = dns.message.make_response(q)
    answer.flags |= dns.flags.AA | dns.flags.TC
    answer.answer = [*new(s), end(s)]
    c.sendall(framed(answer.to_wire()))


def nothing_in_it(s, c, q):
    c.sendall(framed(respond(q)))


def refused(s, c, q):
    c.sendall(framed(respond(q, rcode=5)))


def servfail_midway(s, c, q):
    c.sendall(whole(q, *new(s)))
    c.sendall(framed(respond(q, rcode=2)))


def short_rdata(s, c, q):
    c.sendall(whole(q, *new(s), rr('x.example.com.', 'TYPE65280', '\\# 3 010203'), end(s)).replace(b'\xff\x00\x00\x01', b'\x00\x01\x00\x01'))


def older_than_ours(s, c, q):
    c.sendall(whole(q, *small_zone(s.serial - 9, '192.0.2.99'), soa(s.serial - 9)))


LIES = [
    (closes_at_once, 'closed before any answer'), (closes_midway, 'closed too early: 4 records in 1 messages came'),
    (closes_within_a_message, 'closed within a message'), (resets, 'records in|reset'),
    (foreign_owner, r'record of another zone: www\.example\.net'), (parent_owner, 'record of another zone: com'),
    (sibling_suffix, r'record of another zone: notexample\.com'), (never_ends, 'more than 2000 records'), (silent, 'not done after 1 s'),
    (silent_midway, 'not done after 1 s'), (trickles, 'not done after 1 s'), (another_soa_at_the_end, 'SOA'),
    (records_behind_the_end, 'records behind the closing SOA'), (no_soa_first, 'SOA'), (soa_below, 'SOA below the apex'),
    (another_class, 'class 3'), (meta_type, r'ANY is no type of a record|TYPE255|malformed'), (garbage, 'malformed|question|another'),
    (garbage_behind_a_header, 'malformed'), (empty_message, 'a message of 0 octets'), (question_back, 'a question in place of an answer'),
    (another_id, 'the answer to another question'), (another_question, 'the answer to another question'), (truncated, 'truncated over TCP'),
    (nothing_in_it, 'a message without records'), (refused, 'REFUSED'), (servfail_midway, 'SERVFAIL'), (short_rdata, 'malformed'),
    (older_than_ours, r'serial \d+ is older than \d+, which we serve: not taken'),
]


@pytest.fixture(scope='module')
def pair(module_fleet):
    """A hostile primary and its secondary; every test leaves both honest and agreed."""
    with Primary(module_fleet.port('primary'), serial=10) as primary:
        d = secondary_of(module_fleet, primary.port)
        d.shows(NAME, 'A', '192.0.2.1')
        yield primary, d


def secondary_of(fleet, port):
    return fleet.daemon('secondary', f'''
zones:
  - {{ name: {ZONE}, role: secondary, primaries: [127.0.0.1@{port}], refresh-min: 1h, limits: {{ zone-records: 2000, transfer-time: 1s }} }}
''')


def notify(daemon):
    assert rcode(ask(daemon.port, packet(ZONE, 6, opcode=NOTIFY, flags=0x0400))) == 0


def agree(primary, d):
    """Honest again: the next serial is taken, and status has nothing to complain about."""
    primary.udp, primary.tcp = primary.tell_serial, primary.transfer
    primary.serial += 1
    primary.address = f'192.0.2.{primary.serial % 90 + 1}'
    notify(d)

    def taken():
        if d.values(NAME) != [primary.address] and 'not done after' in d.status(ZONE)['error']:
            notify(d)  # the machine stood still for the second that a transfer has
        return d.values(NAME) == [primary.address]

    until(taken, f'{NAME} is {primary.address}')
    until(lambda: d.status(ZONE)['error'] == '', 'status is clean again')


@pytest.mark.parametrize('lie, reason', LIES, ids=lambda v: getattr(v, '__name__', ''))
def test_lie(pair, lie, reason):
    primary, d = pair

    def told():
        before, mark = primary.address, len(d.said())
        primary.serial += 1
        primary.tcp = lambda c, q: lie(primary, c, q)
        try:
            notify(d)
            line = d.says(rf'.*zone {ZONE}: .*({reason}).*', since=mark).group(0)
            assert ' warning: ' in line or ' error: ' in line
            if lie is not older_than_ours:
                assert f'transfer from 127.0.0.1@{primary.port} failed: ' in line
            until(lambda: re.search(reason, d.status(ZONE)['error']), 'status says why')
            assert f'127.0.0.1@{primary.port}: ' in d.status(ZONE)['error']
            assert d.values(NAME) == [before] and d.serial(ZONE) == primary.serial - 1
        finally:
            agree(primary, d)

    unless_stalled(told)


def noise(q, s):
    """What is no answer to the question: passed over, as if nothing had come."""
    other = dns.message.make_query('example.net', 'SOA')
    other.id = q.id
    return [b'\xff' * 40, b'', q.to_wire(), respond(q, end(s), id=q.id ^ 1), respond(other, soa(s.serial, 'example.net'))]


UDP_LIES = {
    'REFUSED': lambda q, s: respond(q, rcode=5),
    'SERVFAIL': lambda q, s: respond(q, rcode=2),
    'not authoritative': lambda q, s: respond(q, end(s), aa=False),
    'SOA': lambda q, s: respond(q),
    'timeout': noise,
}


@pytest.mark.parametrize('reason', UDP_LIES)
def test_lie_about_the_serial(pair, reason):
    primary, d = pair
    before, mark = primary.address, len(d.said())
    primary.serial += 1
    primary.udp = lambda q: UDP_LIES[reason](q, primary) if q.opcode() == 0 else None
    notify(d)
    line = d.says(rf'.*zone {ZONE}: no primary gave an answer we can use: 127\.0\.0\.1@{primary.port}: .*{reason}.*', since=mark).group(0)
    assert ' warning: ' in line
    assert reason in d.status(ZONE)['error']
    assert d.values(NAME) == [before]
    agree(primary, d)


def test_the_answer_among_noise(pair):
    """Wrong packets before the right one do not end the question."""
    primary, d = pair
    primary.serial, primary.address = primary.serial + 1, '192.0.2.95'
    primary.udp = lambda q: [*noise(q, primary), primary.tell_serial(q)] if q.opcode() == 0 else None
    notify(d)
    d.shows(NAME, 'A', '192.0.2.95')
    agree(primary, d)


def test_nobody_listens_on_tcp(fleet):
    with Primary(fleet.port('primary')) as primary:
        d = secondary_of(fleet, primary.port)
        d.shows(NAME, 'A', '192.0.2.1')
        primary.listener.close()
        primary.serial, mark = 2, len(d.said())
        notify(d)
        d.says(rf'zone {ZONE}: transfer from 127\.0\.0\.1@{primary.port} failed: .*connection refused', since=mark)
        assert d.values(NAME) == ['192.0.2.1']


def test_the_other_primary_is_asked(fleet):
    """One of two lies: the zone comes from the other, and the log says about whom it complains."""
    with Primary(fleet.port('bad')) as bad, Primary(fleet.port('good')) as good:
        d = fleet.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [127.0.0.1@{bad.port}, 127.0.0.1@{good.port}] }}]')
        d.shows(NAME, 'A', '192.0.2.1')
        bad.tcp = lambda c, q: foreign_owner(bad, c, q)
        bad.serial, good.serial, good.address = 2, 2, '192.0.2.2'
        notify(d)
        d.shows(NAME, 'A', '192.0.2.2')
        assert f'transfer from 127.0.0.1@{good.port} failed' not in d.said()


def test_one_bad_zone_delays_no_other(fleet):
    """RELIABILITY.md 15: one primary that never ends its transfer among many zones."""
    names = [f'z{i}.example' for i in range(20)]
    for n in names:
        save(fleet.path(n), zone_text(1, 'www A 192.0.2.1'))
    good = fleet.daemon('good', 'zones:\n' + '\n'.join(f'  - {{ name: {n}, role: primary, file: {n}.zone, transfer: [127.0.0.1] }}' for n in names))
    with Primary(fleet.port('bad')) as bad:
        bad.tcp = lambda c, q: trickles(bad, c, q)
        d = fleet.daemon('secondary', 'zones:\n' + '\n'.join(
            [f'  - {{ name: {ZONE}, role: secondary, primaries: [127.0.0.1@{bad.port}] }}',
             *[f'  - {{ name: {n}, role: secondary, primaries: [{fleet.at("good")}] }}' for n in names]]))
        for n in names:
            d.serves(n, 1)
        assert d.serial(ZONE) is None and d.ask(NAME).rcode() == 2
        assert good.serial(names[0]) == 1
