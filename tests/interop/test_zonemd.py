"""test_zonemd.py - digests of whole zones (RFC 8976), made by Knot and ldns: verified from files and transfers alike."""

import pathlib
import re

import pytest

import makes
import signing
from daemons import wait_until

DATA = pathlib.Path(__file__).resolve().parent / 'data'
NAMES = ('links', 'cuts', 'types')
SIGNED = ('links', 'cuts')  # not all of our types are known to ldns
WRONG = 'the zone is not what its ZONEMD says: SHA-384 of its records is '


class DigestingKnot(makes.Knot):
    """Adds a ZONEMD to what it reads: SHA-512 for zones that end in 512."""

    def primary_zone(self, zone, followers):
        size = '512' if zone.endswith('512') else '384'
        return super().primary_zone(zone, followers) + f'    zonemd-generate: zonemd-sha{size}\n'


def right(zone, name):
    return f'zone {zone}: serial 1: the zone is what its ZONEMD says ({name})'


@pytest.fixture(scope='module')
def inside(top):
    path = top / 'zonemd-signing'
    path.mkdir()
    return path


@pytest.fixture(scope='module')
def digested(inside):
    """{zone: text}: the zones of the other tests, signed and not, with a digest of each kind."""
    texts = {}
    for name in SIGNED:
        source = DATA / f'{name}.test.zone'
        for kind, options in (('a384', ['-z', '1:1']), ('b512', ['-n', '-z', '1:2'])):
            zone = f'{name}.{kind}'
            texts[zone], _ = signing.by_ldns(inside, zone, signing.moved(source, zone), ['ECDSAP256SHA256'], *options)
    for name in NAMES:
        source, zone = DATA / f'{name}.test.zone', f'{name}.plain'
        plain = inside / f'{zone}.in'
        plain.write_text(signing.moved(source, zone), encoding='ascii')
        texts[zone] = makes.compiled(zone, plain, inside)
    return texts


def serving(place, name, texts, options=''):
    server = place.settled(name)
    server.zones.mkdir()
    for zone, text in texts.items():
        (server.zones / f'{zone}.zone').write_text(text, encoding='ascii')
    server.configure([f'name: {zone}, role: primary, file: {zone}.zone{options}' for zone in texts]).start()
    for zone in texts:
        server.wait_for(zone)
    return server


def with_line(text, line):
    """The next serial, and one record more; the ZONEMD says the serial, but its digest is the old one."""
    lines = [re.sub(r'(\sSOA\s+\S+ \S+|\sZONEMD)(\s+)1\b', r'\1\g<2>2', one) for one in text.splitlines()]
    return '\n'.join([*lines, line, ''])


def test_digests_of_ldns_in_files(place, digested):
    ours = serving(place, 'files', digested)
    log = ours.log()
    for zone in digested:
        if not zone.endswith('plain'):
            assert right(zone, 'SHA-384' if zone.endswith('384') else 'SHA-512') in log
    zone = 'links.a384'
    (ours.zones / f'{zone}.zone').write_text(with_line(digested[zone], f'more.{zone}. 60 IN A 192.0.2.9'), encoding='ascii')
    wait_until(lambda: f'zone {zone}: the file has errors: serial 1 is served on' in ours.log(), 'the edit is refused')
    assert f'error: serial 2: {WRONG}' in ours.log()
    assert ours.serial(zone) == 1 and not ours.answer(f'more.{zone}', 'A').answer
    checked = ours.ctl('check-zone', zone, str(ours.zones / f'{zone}.zone'))
    assert checked.returncode == 1 and WRONG in checked.stdout + checked.stderr


def test_digests_of_knot_in_transfers(place, digested):
    texts = {zone.replace('plain', kind): text.replace('plain', kind) for zone, text in digested.items()
             if zone.endswith('plain') for kind in ('k384', 'k512')}
    ours, knot = place.settled('of-knot'), place.peer(DigestingKnot)
    knot.primary(texts, [ours]).start()
    for zone in texts:
        knot.wait_for(zone)
    ours.configure([f'name: {zone}, role: secondary, primaries: [knot]' for zone in texts], [knot]).start()
    for zone in texts:
        ours.wait_for(zone)
        serial = ours.serial(zone)
        name = 'SHA-512' if zone.endswith('512') else 'SHA-384'
        assert f'zone {zone}: serial {serial}: the zone is what its ZONEMD says ({name})' in ours.log()


def test_a_transfer_that_is_not_what_it_says(place, digested):
    """The secondary keeps what it has, and says why; another one was told not to look."""
    zone = 'cuts.a384'
    ours, careless, nsd = place.settled('careful'), place.settled('careless'), place.peer(makes.Nsd)
    text = digested[zone]
    nsd.primary({zone: text}, [ours, careless]).start()
    nsd.wait_for(zone)
    for server, options in ((ours, ''), (careless, ', zonemd-verify: no')):
        server.configure([f'name: {zone}, role: secondary, primaries: [nsd]{options}'], [nsd]).start()
        server.wait_for(zone)
    nsd.edit(zone, with_line(text, f'more.{zone}. 60 IN A 192.0.2.9'))
    careless.wait_for(zone, 2)
    wait_until(lambda: f'zone {zone}: transfer from {nsd.at} failed: ' in ours.log(), 'the transfer is refused')
    assert f'serial 2: {WRONG}' in ours.log() and right(zone, 'SHA-384') not in careless.log()
    assert ours.serial(zone) == 1
    assert 'not what its ZONEMD says' in ours.ctl('status', zone).stdout
    assert right(zone, 'SHA-384') in ours.log()


def test_a_restart_does_not_look_again(place, digested):
    """What was taken is served at once, though the option is another one now."""
    zone = 'cuts.b512'
    ours, nsd = place.settled('restarted'), place.peer(makes.Nsd, 'nsd-of-restarted')
    nsd.primary({zone: with_line(digested[zone], f'more.{zone}. 60 IN A 192.0.2.9')}).start()
    nsd.wait_for(zone)
    how = f'name: {zone}, role: secondary, primaries: [{nsd.name}]'
    ours.configure([f'{how}, zonemd-verify: no'], [nsd]).start()
    ours.wait_for(zone, 2)
    ours.stop()
    nsd.stop()
    ours.configure([how], [nsd]).start()
    ours.wait_for(zone, 2)
