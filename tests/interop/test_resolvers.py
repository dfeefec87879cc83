"""test_resolvers.py - our cache between a primary of ours and resolvers of other makes, and in front of them.

    primary <- cache <- Unbound, BIND, both forwarding            the cache is a server they ask
    primary <- Unbound <- cache of `.`                            they are servers that the cache asks
    primary <- cache <- BIND <- cache of `.`
"""

import dns.rcode
import pytest

import makes
from daemons import PATIENCE, ZONES, records_of, wait_until
from questions import EXAMPLES, Question, ask

FLASH = Question('flash.example.com', 'A')
# Under `.` the example addresses of RFC 5737 and RFC 3849 have local names (RFC 6303), so they are asked of the others only.
EVERYWHERE = [q for q in EXAMPLES if not (q.referral or q.name.endswith('.arpa'))]
REVERSE = [q for q in EXAMPLES if q.name.endswith('.arpa')]


@pytest.fixture(scope='module')
def primary(place):
    p = place.settled('primary').take_zones(ZONES)
    with open(p.zones / 'example.com.zone', 'a', encoding='ascii') as f:
        f.write('\n$ORIGIN example.com.\nflash 2 A 192.0.2.150\n')
    return p


@pytest.fixture(scope='module')
def resolvers(place, primary):
    """All that may be asked, by name; started from the primary outwards."""
    zones = sorted(path.stem for path in primary.zones.glob('*.zone'))
    cache = place.settled('cache')
    cache.kind = 'cache'
    primary.configure([f'name: {zone}, role: primary, file: {zone}.zone, notify: [cache], transfer: [cache]' for zone in zones],
                      [cache]).start()
    for zone in zones:
        primary.wait_for(zone)
    cache.configure([f'name: {zone}, role: cache, primaries: [primary]' for zone in zones], [primary]).start()
    cache.wait_ready()
    unbound = place.peer(makes.Unbound).forwarder(cache).start()
    bind = place.peer(makes.Bind).forwarder(cache).start()
    finder = place.peer(makes.Unbound, 'finder').resolver(primary, zones).start()
    for server in (unbound, bind, finder):
        server.wait_ready()
    roots = []
    for upstream in (finder, bind):
        root = place.settled(f'root-over-{upstream.name}')
        root.configure([f'name: ., role: cache, primaries: [{upstream.name}]'], [upstream]).start().wait_ready()
        roots.append(root)
    return {server.name: server for server in (cache, unbound, bind, finder, *roots)}


ALL = ['cache', 'unbound', 'bind', 'finder', 'root-over-finder', 'root-over-bind']


@pytest.mark.parametrize('name', ALL)
def test_right_answers(primary, resolvers, name):
    for q in EVERYWHERE + (REVERSE if not name.startswith('root') else []):
        for tcp in (False, True):
            answer, origin = ask(resolvers[name], q, rd=True, tcp=tcp), ask(primary, q)
            assert dns.rcode.to_text(answer.rcode()) == q.rcode, f'{q}: {answer}'
            assert records_of(answer.answer, ttl=False) == records_of(origin.answer, ttl=False), q
            # chains of caches never add up (CONVERGENCE.md, TTL rules 1 and 4)
            times = {(s.name, s.rdtype): s.ttl for s in origin.answer}
            assert all(s.ttl <= times[s.name, s.rdtype] for s in answer.answer), q


def test_when_it_has_settled_nobody_shows_the_old_answer(primary, resolvers):
    """The deadline holds for caches that nobody tells: the others' too, and those behind them."""
    shown = {name: ask(server, FLASH, rd=True).answer[0][0].address for name, server in resolvers.items()}
    assert set(shown.values()) == {'192.0.2.150'}
    path = primary.zones / 'example.com.zone'
    path.write_text(path.read_text(encoding='ascii').replace('192.0.2.150', '192.0.2.151'), encoding='ascii')
    served = primary.ctl('wait', 'example.com', '--timeout', f'{PATIENCE}s')
    assert served.returncode == 0, served.stdout + served.stderr
    # the cache is a peer: it has confirmed, so it has forgotten (I5)
    assert ask(resolvers['cache'], FLASH, rd=True).answer[0][0].address == '192.0.2.151'
    for server in resolvers.values():
        ask(server, FLASH, rd=True)  # so that whoever may keep the old answer a little longer does
    settled = primary.ctl('wait', 'example.com', '--for', 'settled')
    assert settled.returncode == 0, settled.stdout + settled.stderr
    shown = {name: ask(server, FLASH, rd=True).answer[0][0].address for name, server in resolvers.items()}
    assert set(shown.values()) == {'192.0.2.151'}, shown


def test_a_name_that_did_not_exist_appears(primary, resolvers):
    missing = Question('appears.example.com', 'A')
    assert ask(resolvers['cache'], missing, rd=True).rcode() == dns.rcode.NXDOMAIN
    path = primary.zones / 'example.com.zone'
    path.write_text(f'{path.read_text(encoding="ascii")}\nappears A 192.0.2.152\n', encoding='ascii')
    assert primary.ctl('wait', 'example.com', '--timeout', f'{PATIENCE}s').returncode == 0
    assert ask(resolvers['cache'], missing, rd=True).answer[0][0].address == '192.0.2.152'
    assert ask(resolvers['unbound'], missing, rd=True).answer[0][0].address == '192.0.2.152'


def test_a_resolver_that_is_away_is_said_so(resolvers):
    """SERVFAIL, not silence, when nobody answers upstream; and it recovers."""
    finder, root = resolvers['finder'], resolvers['root-over-finder']
    finder.stop()
    answer = root.ask('nobody.asked.this.example.net', 'A', rd=True)
    assert answer.rcode() == dns.rcode.SERVFAIL
    finder.start()
    finder.wait_ready()
    wait_until(lambda: root.ask('mail.cold.example.net', 'A', rd=True).rcode() == dns.rcode.NOERROR,
               'the cache has an upstream again')


def test_what_is_delegated_away_is_no_answer(resolvers):
    """The cache is told of the zone, not of those below it: SERVFAIL, and why (RFC 8914), instead of an empty answer."""
    answer = resolvers['cache'].ask('host.lab.example.com', 'A', rd=True, use_edns=0)
    assert answer.rcode() == dns.rcode.SERVFAIL
    assert [option.otype for option in answer.options] == [15]
