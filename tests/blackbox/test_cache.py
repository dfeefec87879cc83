"""test_cache.py - what a cache gives: TTLs that only fall, through a chain too; negative answers; identical questions asked once;
SERVFAIL with its reason when nobody answers; stale answers; `.` forwarded; a NOTIFY that makes it forget; wrong answers not believed."""

import os
import random
import re
import threading
import time

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode

from fleet import Trio, save, until, zone_text
from hostile import Primary, Server, respond, rr, soa
from wirekit import Stream, packet, udp

ZONE, NAME = 'example.com', 'www.example.com'


def ede(answer):
    return [o.code for o in answer.options if o.otype == dns.edns.EDE]


def ttl(daemon, name=NAME, kind='A'):
    answer = daemon.ask(name, kind)
    assert answer is not None and answer.answer, answer
    return answer.answer[-1].ttl


def chain(fleet, text):
    """A primary and two caches, the second asking the first."""
    save(fleet.path(ZONE), text)
    primary = fleet.daemon('primary', f'''
peers: [{{ name: one, address: {fleet.at('one')}, kind: cache }}]
zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, notify: [one], transfer: [one] }}]
''')
    one = fleet.daemon('one', f'''
peers: [{{ name: two, address: {fleet.at('two')}, kind: cache }}]
zones: [{{ name: {ZONE}, role: cache, primaries: [{fleet.at('primary')}], notify: [two], transfer: [two] }}]
''')
    two = fleet.daemon('two', f'zones: [{{ name: {ZONE}, role: cache, primaries: [{fleet.at("one")}] }}]')
    return primary, one, two


# ---- TTLs ----


def test_the_ttl_runs_down(fleet):
    """It starts at the origin's, falls by one a second, and never rises before it is over; then the answer is fetched anew."""
    primary, one, two = chain(fleet, zone_text(1, 'www 3 A 192.0.2.1', 'long 100000000 A 192.0.2.2'))
    until(lambda: two.values(NAME), 'the chain answers')
    two.done('flush', ZONE, '--below')
    one.done('flush', ZONE, '--below')
    start = time.monotonic()
    first = ttl(one)
    assert first in (2, 3)
    seen, before, after = {}, 0, 0
    while before < 2.5 and after < 3:
        for d in (one, two):
            before = time.monotonic() - start
            t = ttl(d)
            after = time.monotonic() - start
            assert after > 3 or t <= min(3 - int(before), seen.get(d.name, 3)), f'{d.name}: {t} after {before:.2f} s, {seen}'
            seen[d.name] = t
        time.sleep(0.05)
    assert after > 3 or min(seen.values()) <= 1
    until(lambda: ttl(one) >= 2, 'it is had anew')
    until(lambda: ttl(two) >= 1, 'it is had anew')  # each link of the chain may round down once
    assert ttl(one, 'long.example.com') <= 86400  # max-ttl
    assert ttl(primary, 'long.example.com') == 100000000


def test_two_caches_never_add_up(fleet):
    """What the second shows is never more than what the first has left."""
    _, one, two = chain(fleet, zone_text(1, 'www 60 A 192.0.2.1'))
    until(lambda: two.values(NAME), 'the chain answers')
    one.done('flush', ZONE, '--below')
    two.done('flush', ZONE, '--below')
    ttl(one)
    time.sleep(1.3)
    first = ttl(one)
    second = ttl(two)
    assert second <= first + 1 and second <= 59


def test_ttl_zero_is_given_and_not_kept(fleet):
    primary, one, _ = chain(fleet, zone_text(1, 'now 0 A 192.0.2.1'))
    assert until(lambda: one.values('now.example.com'), 'an answer') == ['192.0.2.1']
    assert ttl(one, 'now.example.com') == 0
    assert one.ctl('lookup', 'now.example.com', 'A').returncode == 1
    before = one.json('stats')['cache_misses']
    for _ in range(3):
        assert one.values('now.example.com') == ['192.0.2.1']
    assert one.json('stats')['cache_misses'] - before == 3


# ---- negative answers ----


def test_negative(fleet):
    """With the SOA, its TTL the smaller of the SOA's and MINIMUM, running down; NXDOMAIN covers what is below."""
    _, one, two = chain(fleet, zone_text(1, 'www A 192.0.2.1', negative='30s'))
    for d in (one, two):
        until(lambda d=d: d.values(NAME), f'{d.name} answers')
        for name, kind, code in (('no.example.com', 'A', 3), (NAME, 'MX', 0)):
            answer = d.ask(name, kind)
            assert answer.rcode() == code and not answer.answer and not answer.flags & dns.flags.AA and answer.flags & dns.flags.RA
            assert answer.authority[0].rdtype == 6 and answer.authority[0].ttl <= 30
    before = one.json('stats')['asks']
    assert one.ask('below.no.example.com').rcode() == 3
    assert one.json('stats')['asks'] == before
    time.sleep(1.2)
    assert one.ask('no.example.com').authority[0].ttl <= 29


# ---- many ask ----


def test_identical_questions_are_asked_once(fleet):
    """Forty clients at the same moment wait for one question; it may be repeated when nobody answers, but not once for each."""
    hold = threading.Event()

    def slow(q):
        if q.question[0].rdtype != 1:
            return None
        hold.wait(20)
        return respond(q, rr(NAME + '.', 'A', '192.0.2.1'))

    with Server(fleet.port('up'), udp=slow) as up:
        d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, follow: no, primaries: [127.0.0.1@{up.port}] }}]')
        answers = []
        clients = [threading.Thread(target=lambda: answers.append(d.values(NAME, seconds=20))) for _ in range(40)]
        for c in clients:
            c.start()
        until(lambda: d.json('stats')['asks_joined'] == 39, 'all wait')
        hold.set()
        for c in clients:
            c.join(30)
        assert answers == [['192.0.2.1']] * 40
        assert 1 <= sum(q.question[0].rdtype == 1 for q in up.asked) <= 16
        stats = d.json('stats')
        assert stats['asks'] <= 16 and stats['cache_misses'] == 40


def test_pipeline_is_bounded(fleet):
    """Questions of one connection that wait for upstream: no more than tcp-pipeline are read, all are answered in the end."""
    hold = threading.Event()

    def slow(q):
        hold.wait(20)
        return respond(q, rr(q.question[0].name.to_text(), 'A', '192.0.2.1'))

    with Server(fleet.port('up'), udp=slow) as up:
        d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, follow: no, primaries: [127.0.0.1@{up.port}] }}]', server=', tcp-pipeline: 4')
        with Stream(d.port) as s:
            s.send(*[packet(f'h{i}.example.com', flags=0x0100, number=i) for i in range(20)])
            until(lambda: d.json('stats')['tcp_pipeline_full'] > 0, 'reading is paused')
            assert d.json('stats')['queries_tcp'] == 4
            hold.set()
            assert sorted(dns.message.from_wire(s.receive()).id for _ in range(20)) == list(range(20))


# ---- nobody answers ----


def test_nobody_answers(fleet):
    """SERVFAIL with its reason, in a few seconds, and the daemon still serves what it has."""
    d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, primaries: [{fleet.at("nobody")}] }}]')
    answer = d.ask(NAME, seconds=30, use_edns=0)
    assert answer.rcode() == 2 and ede(answer)[0] in (22, 23)
    assert 'EDE: 2' in d.dig(NAME, '+time=20')
    until(lambda: 'timeout' in d.status(ZONE)['error'], 'status says why')
    assert d.status(ZONE)['state'] == 'checking'


def test_upstream_refuses(fleet):
    """Lame primaries: SERVFAIL at once, with a reason."""
    fleet.daemon('primary', 'zones: []')
    d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, primaries: [{fleet.at("primary")}] }}]')
    answer = d.ask(NAME, seconds=30, use_edns=0)
    assert answer.rcode() == 2 and ede(answer)


def test_stale(fleet):
    """The primary goes away: after the TTL the old answer is still given, marked, with TTL 30 at most (RFC 8767); `serve-stale: 0`
    gives SERVFAIL; for a zone that is followed nothing stale is given while nobody can say whether it changed."""
    with Primary(fleet.port('up')) as up:
        up.udp = lambda q: respond(q, *([rr(NAME + '.', 'A', '192.0.2.1', ttl=1)] if q.question[0].rdtype == 1 else [soa(1)]))
        plain = fleet.daemon('plain', f'zones: [{{ name: {ZONE}, role: cache, follow: no, primaries: [127.0.0.1@{up.port}] }}]')
        never = fleet.daemon('never', f'cache: {{ serve-stale: 0 }}\nzones: [{{ name: {ZONE}, role: cache, follow: no, primaries: [127.0.0.1@{up.port}] }}]')
        for d in (plain, never):
            assert d.values(NAME) == ['192.0.2.1']
    time.sleep(1.1)
    answer = plain.ask(NAME, seconds=30, use_edns=0)
    assert answer.answer[0][0].address == '192.0.2.1' and answer.answer[0].ttl <= 30 and ede(answer) == [3]
    assert plain.json('stats')['cache_stale'] >= 1
    answer = never.ask(NAME, seconds=30, use_edns=0)
    assert answer.rcode() == 2


# ---- everything else is forwarded ----


def test_the_root_is_forwarded(fleet):
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    save(fleet.path('example.net'), zone_text(1, 'www A 192.0.2.2'))
    fleet.daemon('origin', 'zones:\n' + ''.join(f'  - {{ name: {z}, role: primary, file: {z}.zone }}\n' for z in (ZONE, 'example.net')))
    d = fleet.daemon('cache', f'''
zones:
  - {{ name: {ZONE}, role: secondary, primaries: [{fleet.at('nobody')}] }}
  - {{ name: ., role: cache, primaries: [{fleet.at('origin')}] }}
''')
    assert d.values('www.example.net') == ['192.0.2.2']
    answer = d.ask('www.example.net')
    assert answer.flags & dns.flags.RA and not answer.flags & dns.flags.AA
    assert d.ask('no.example.net').rcode() == 3
    assert d.ask(NAME).rcode() == 2  # the deepest zone owns the name, also when it has nothing to give
    status = d.json('status', '.')
    assert status['state'] == 'forwards' and status['follows'] is False
    assert 'plain forwarding' in d.done('status', '.')
    assert d.ask('www.example.net', rd=False).rcode() == 5
    assert d.ask('localhost', 'A').answer[0][0].address == '127.0.0.1'  # local names are answered here
    assert d.ask('1.168.192.in-addr.arpa', 'PTR').rcode() == 3


def test_cname_across_zones(fleet):
    """A chain that leaves the zone is followed through the other cache zone."""
    save(fleet.path(ZONE), zone_text(1, 'shop CNAME www.example.net.'))
    save(fleet.path('example.net'), zone_text(1, 'www A 192.0.2.2'))
    fleet.daemon('one', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    fleet.daemon('two', 'zones: [{ name: example.net, role: primary, file: example.net.zone }]')
    d = fleet.daemon('cache', f'''
zones:
  - {{ name: {ZONE}, role: cache, primaries: [{fleet.at('one')}] }}
  - {{ name: example.net, role: cache, primaries: [{fleet.at('two')}] }}
''')
    answer = d.ask('shop.example.com', seconds=20)
    assert [s.rdtype for s in answer.answer] == [5, 1] and answer.answer[1][0].address == '192.0.2.2'


def test_who_may_ask(fleet):
    """A cache gives strangers nothing; loopback is no stranger; `allow` says otherwise."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, allow: [127.0.0.1] }}]')
    d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, primaries: [{fleet.at("primary")}], allow: ["::1"] }}]')
    assert d.ask(NAME).rcode() == 5
    assert d.values(NAME, where='::1') == ['192.0.2.1']
    assert fleet.daemons[0].ask(NAME, where='::1').rcode() == 5


# ---- changes ----


def test_notify_makes_it_forget(fleet):
    """Long before the TTL is over, along the chain."""
    primary, one, two = chain(fleet, zone_text(1, 'www 1h A 192.0.2.1', 'other 1h A 192.0.2.9'))
    for d in (one, two):
        until(lambda d=d: d.values(NAME) == ['192.0.2.1'], f'{d.name} answers')
        d.values('other.example.com')
        assert d.ask('new.example.com').rcode() == 3
    save(fleet.path(ZONE), zone_text(2, 'www 1h A 192.0.2.2', 'other 1h A 192.0.2.9', 'new A 192.0.2.3'))
    primary.done('wait', ZONE)
    assert one.values(NAME) == ['192.0.2.2']  # `wait` has seen that the cache is there: not a moment later
    assert one.values('new.example.com') == ['192.0.2.3']
    two.shows(NAME, 'A', '192.0.2.2')
    two.shows('new.example.com', 'A', '192.0.2.3')
    assert 'serial 1 -> 2 at' in one.said() and 'entries forgotten' in one.said()


def test_after_wait_nobody_gets_the_old_answer(fleet):
    """Ten edits; each time `wait` returns, every server gives the new answer at once, whatever was asked meanwhile."""
    trio = Trio(fleet)
    stop = threading.Event()

    def ask_on():
        while not stop.is_set():
            trio.cache.values(NAME)

    asking = [threading.Thread(target=ask_on) for _ in range(2)]
    for a in asking:
        a.start()
    try:
        for i in range(10):
            trio.save(1, f'www A 192.0.2.{i + 1}')
            trio.primary.done('wait', ZONE)
            for d in trio.all:
                assert d.values(NAME) == [f'192.0.2.{i + 1}'], d.name
    finally:
        stop.set()
        for a in asking:
            a.join(20)


# ---- lies ----


def test_wrong_answers_are_not_believed(fleet):
    """Wrong ID, question, case, garbage: passed over, counted, and the right one behind them is taken."""
    def answer(q):
        right = respond(q, rr(q.question[0].name.to_text(), 'A', '192.0.2.1'))
        bad = rr(q.question[0].name.to_text(), 'A', '192.0.2.66')
        other = dns.message.make_query('www.example.net', 'A')
        other.id = q.id
        swapped = right.replace(q.question[0].name.to_wire(), q.question[0].name.to_wire().swapcase())
        return [b'\0' * 5, random.Random(1).randbytes(60), respond(q, bad, id=q.id ^ 0x101), respond(other, rr('www.example.net.', 'A', '192.0.2.66')),
                swapped, q.to_wire(), right]

    with Server(fleet.port('up'), udp=answer) as up:
        d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, follow: no, primaries: [127.0.0.1@{up.port}] }}]')
        for i in range(20):
            assert d.values(f'h{i}.example.com', seconds=20) == ['192.0.2.1']
        assert d.json('stats')['asks_mismatch'] >= 60
        assert d.json('stats')['asks'] == 20
        assert len({q.id for q in up.asked}) > 10


def test_only_what_was_asked_is_taken(fleet):
    """Records of other names, other zones, NS and additional data along with the answer: nothing of it gets in."""
    def answer(q):
        message = dns.message.make_response(q)
        message.flags |= dns.flags.AA
        if q.question[0].name.to_text().lower() == 'www.example.com.':
            message.answer = [rr('www.example.com.', 'A', '192.0.2.1'), rr('bank.example.com.', 'A', '192.0.2.66'), rr('www.example.net.', 'A', '192.0.2.66')]
            message.authority = [rr('example.com.', 'NS', 'evil.example.com.'), rr('net.', 'NS', 'evil.example.com.')]
            message.additional = [rr('evil.example.com.', 'A', '192.0.2.66'), rr('other.example.com.', 'A', '192.0.2.66')]
        else:
            message.set_rcode(3)
            inside = q.question[0].name.is_subdomain(dns.name.from_text(ZONE))
            message.authority = [soa(1) if inside else rr('.', 'SOA', 'ns1.example.com. h.example.com. 1 1 1 1209600 2')]
        return message.to_wire()

    with Server(fleet.port('up'), udp=answer) as up:
        d = fleet.daemon('cache', f'''
zones:
  - {{ name: {ZONE}, role: cache, follow: no, primaries: [127.0.0.1@{up.port}] }}
  - {{ name: ., role: cache, primaries: [127.0.0.1@{up.port}] }}
''')
        got = d.ask(NAME, seconds=20)
        assert [(s.name.to_text(), [r.address for r in s]) for s in got.answer] == [('www.example.com.', ['192.0.2.1'])]
        assert not got.authority and not got.additional
        for name in ('bank.example.com', 'evil.example.com', 'other.example.com', 'www.example.net'):
            assert d.ask(name, seconds=20).rcode() == 3, name


def test_mutated_answers(fleet):
    """Fifteen hundred answers with octets changed: data, SERVFAIL or an older truth, and the daemon lives."""
    rand = random.Random(int(os.environ.get('SETTLED_SEED', 1)))
    state = {'n': 0}

    def answer(q):
        name = q.question[0].name.to_text()
        octets = bytearray(respond(q, rr(name, 'CNAME', 'x.' + name), rr('x.' + name, 'A', '192.0.2.1')))
        state['n'] += 1
        for _ in range(rand.choice((1, 1, 2, 5))):
            at = rand.randrange(12 if rand.random() < 0.7 else 2, len(octets))
            if rand.random() < 0.2:
                del octets[at:]
                octets += b'\0' * max(0, 13 - len(octets))
            elif rand.random() < 0.3:
                octets[at:at + 2] = bytes((0xc0, rand.randrange(64)))
            else:
                octets[at] = rand.randrange(256)
        return bytes(octets), respond(q, rr(name, 'A', '192.0.2.2'))

    with Server(fleet.port('up'), udp=lambda q: list(answer(q))) as up:
        d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, follow: no, primaries: [127.0.0.1@{up.port}] }}]')
        with udp(d.port) as s:
            s.settimeout(20)
            for at in range(0, 1500, 30):
                for i in range(at, at + 30):
                    s.send(packet(f'h{i}.example.com', flags=0x0100, number=i))
                for _ in range(30):
                    assert dns.message.from_wire(s.recv(65536)).rcode() in (dns.rcode.NOERROR, dns.rcode.SERVFAIL, dns.rcode.NXDOMAIN)
        assert d.process.poll() is None and state['n'] >= 1500
        assert d.values('last.example.com', seconds=20) is not None


def test_truncated_answers_are_asked_for_over_tcp(fleet):
    save(fleet.path(ZONE), zone_text(1, *[f'big TXT "{i:03}{"x" * 250}"' for i in range(100)]))
    fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, primaries: [{fleet.at("primary")}] }}]')
    assert len(d.values('big.example.com', 'TXT', tcp=True, seconds=20)) == 100
    assert d.ask('big.example.com', 'TXT').flags & dns.flags.TC
    assert len(re.findall(r'IN\s+TXT\s+"', d.dig('big.example.com', 'TXT'))) == 100
