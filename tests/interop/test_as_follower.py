"""test_as_follower.py - the primary is of another make: settled is its secondary and a cache, and hears its NOTIFY.

The timers of the example zones are an hour and more, so what is seen here within PATIENCE came by NOTIFY.
"""

import json

import dns.rcode
import pytest

import makes
from daemons import records_of, wait_until
from questions import EXAMPLES, ask

PRIMARIES = (makes.Bind, makes.Knot, makes.Nsd, makes.PowerDns)
CACHED = [q for q in EXAMPLES if not q.referral]


class Group:
    """A primary of another make, our secondary, our cache, and what the zones are by now."""

    def __init__(self, place, make, zones):
        self.make, self.texts = make, dict(zones)
        self.primary = place.peer(make)
        self.secondary = place.settled(f'{make.make}-secondary')
        self.cache = place.settled(f'{make.make}-cache')
        self.primary.primary(self.texts, [self.secondary, self.cache]).start()
        for zone in zones:
            self.primary.wait_for(zone)
        for role, more in ('secondary', ', transfer: [127.0.0.0/8]'), ('cache', ''):
            ours = getattr(self, role)
            ours.configure([f'name: {zone}, role: {role}, primaries: [{make.make}]{more}' for zone in zones], [self.primary])
            ours.start()
        for zone in zones:
            self.secondary.wait_for(zone)
        wait_until(lambda: all(self.follows(zone) for zone in zones), f'{self.cache.name} follows its zones')

    def follows(self, zone):
        status = json.loads(self.cache.ctl('--json', 'status', zone).stdout)
        return status['follows'] and status.get('serial') == self.serial(zone)

    def serial(self, zone):
        return self.primary.serial(zone)

    def edit(self, zone, *lines, drop=None):
        """Adds lines, drops those that hold a word, and counts the serial up."""
        text = self.texts[zone]
        now = self.serial(zone)
        kept = [line for line in text.splitlines() if drop is None or drop not in line]
        text = '\n'.join([*kept, *lines, '']).replace(f' {now} ', f' {now + 1} ', 1)
        self.texts[zone] = text
        self.primary.edit(zone, text)
        return now + 1


@pytest.fixture(scope='module', params=PRIMARIES, ids=lambda make: make.make)
def group(request, place, zones, hard_zones):
    make = request.param
    texts = {**zones, **{zone: text for zone, text in hard_zones.items() if make.holds_signed or zone != 'signed.test'}}
    g = Group(place, make, texts)
    yield g
    for daemon in (g.cache, g.secondary, g.primary):
        daemon.stop()


def test_the_secondary_has_the_same_records(group):
    for zone in group.texts:
        assert group.secondary.transfer(zone) == group.primary.transfer(zone)


def test_the_cache_gives_what_the_primary_gives(group):
    for q in CACHED:
        for _ in range(2):  # once from the primary, once from the cache
            ours, theirs = ask(group.cache, q, rd=True), ask(group.primary, q)
            assert dns.rcode.to_text(ours.rcode()) == q.rcode, q
            if ours.rcode() != theirs.rcode():
                continue  # a chain that leaves the zone: the primary stops where the cache goes on
            assert records_of(theirs.answer, ttl=False) <= records_of(ours.answer, ttl=False), q
            times = {(s.name, s.rdtype): s.ttl for s in theirs.answer}
            for s in ours.answer:
                assert s.ttl <= times.get((s.name, s.rdtype), s.ttl), q


@pytest.mark.parametrize('zone', ['example.com', '2.0.192.in-addr.arpa'])
def test_an_edit_at_the_primary_is_served_at_once(group, zone):
    serial = group.edit(zone, f'interop.{zone}. 3600 IN TXT "an edit at the primary"')
    group.primary.wait_for(zone, serial)
    group.secondary.wait_for(zone, serial)
    assert group.secondary.transfer(zone) == group.primary.transfer(zone)
    assert group.secondary.ask(f'interop.{zone}', 'TXT').answer[0][0].strings == (b'an edit at the primary',)


def test_a_transfer_is_seen_as_the_change_that_it_is(group):
    zone = 'example.net'
    before = group.secondary.serial(zone)
    serial = group.edit(zone, f'interop.{zone}. 60 IN A 192.0.2.200')
    group.secondary.wait_for(zone, serial)
    last = json.loads(group.secondary.ctl('--json', 'history', zone).stdout)['changes'][-1]
    assert (last['from'], last['to'], last['source'], last['rrsets']) == (before, serial, 'transfer', 1)


def test_the_cache_forgets_what_an_edit_made_wrong(group):
    zone = 'example.com'
    old = [('www', 'A'), ('static', 'A'), ('fresh', 'A'), ('deep.fresh', 'A'), ('mail', 'TXT')]
    for name, kind in old:
        group.cache.ask(f'{name}.{zone}', kind, rd=True)
    serial = group.edit(zone, f'www.{zone}. 60 IN A 192.0.2.99', f'deep.fresh.{zone}. 60 IN A 192.0.2.98',
                        f'mail.{zone}. 60 IN TXT "new"', drop='192.0.2.80')
    group.primary.wait_for(zone, serial)
    wait_until(lambda: group.follows(zone), f'{group.cache.name} confirms {serial}')
    for name, kind in old:
        ours = group.cache.ask(f'{name}.{zone}', kind, rd=True)
        theirs = group.primary.ask(f'{name}.{zone}', kind)
        assert ours.rcode() == theirs.rcode() and ours.answer == theirs.answer, (name, kind)


def test_a_primary_that_was_away_is_followed_again(group):
    zone = 'example.net'
    group.primary.stop()
    assert group.secondary.ask(zone, 'SOA').rcode() == dns.rcode.NOERROR
    group.primary.start()
    group.primary.wait_for(zone)
    serial = group.edit(zone, f'back.{zone}. 60 IN A 192.0.2.201')
    group.secondary.wait_for(zone, serial)
    wait_until(lambda: group.follows(zone), f'{group.cache.name} confirms {serial}')
    assert group.secondary.transfer(zone) == group.primary.transfer(zone)
    assert group.cache.ask(f'back.{zone}', 'A', rd=True).answer[0][0].address == '192.0.2.201'
