"""test_wait.py - `settlectl wait`: 0 only when every watched peer was observed, and when not, who is missing and why."""

import subprocess

import pytest

from fleet import ENVIRONMENT, SETTLECTL, Trio, save, until, zone_text

ZONE = 'example.com'


@pytest.fixture(scope='module')
def trio(module_fleet):
    return Trio(module_fleet)


def start(daemon, *words):
    """settlectl in the background."""
    return subprocess.Popen([SETTLECTL, '-c', daemon.config, *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=ENVIRONMENT)


def test_takes_in_what_was_saved(trio):
    before = trio.primary.serial(ZONE)
    trio.save(1, 'www A 192.0.2.10')
    said = trio.primary.done('wait', ZONE)
    assert f'peer secondary serving {before + 1} after' in said
    assert f'peer cache serving {before + 1} after' in said
    assert f'zone {ZONE}: serial {before + 1} is served by 2 of 2 peers' in said
    for d in trio.all:
        assert d.values('www.example.com') == ['192.0.2.10']


def test_json(trio):
    trio.save(1, 'www A 192.0.2.11')
    got = trio.primary.json('wait', ZONE)
    assert got['exit'] == 0 and got['zone'] == ZONE and got['state'] == 'served'
    assert got['serving'] == got['watched'] == 2
    assert got['serial'] == trio.primary.serial(ZONE)
    assert {(e['peer'], e['state'], e['serial']) for e in got['events']} == {
        ('secondary', 'serving', got['serial']), ('cache', 'serving', got['serial'])}


def test_nothing_new(trio):
    serial = trio.primary.serial(ZONE)
    assert f'serial {serial} is served by 2 of 2' in trio.primary.done('wait', ZONE)
    assert f'serial {serial} is served by 2 of 2' in trio.primary.done('wait', ZONE, serial)
    assert f'serial {serial - 1} is served by 2 of 2' in trio.primary.done('wait', ZONE, serial - 1)


def test_at_the_others(trio):
    """A secondary and a cache without peers of their own: their own serial is all there is to wait for."""
    serial = trio.primary.serial(ZONE)
    for d in (trio.secondary, trio.cache):
        assert f'serial {serial} is served; the zone has no peers to wait for' in d.done('wait', ZONE, serial)


def test_not_in_time(trio):
    got = trio.primary.ctl('wait', ZONE, trio.primary.serial(ZONE) + 1, '--timeout', '200ms')
    assert got.returncode == 3
    assert f'zone {ZONE}: not served within ' in got.stderr


def test_a_bad_file(trio):
    """The edit that was saved is not to be had: 1, with every error, and the old zone is served on."""
    before = trio.primary.serial(ZONE)
    save(trio.path, zone_text(1, 'www A 192.0.2.300', 'mail MX ten mail'))
    got = trio.primary.ctl('wait', ZONE)
    assert got.returncode == 1
    assert f'{trio.path}:5:7: error: ' in got.text and f'{trio.path}:6:9: error: ' in got.text
    assert trio.primary.serial(ZONE) == before
    trio.save(1, 'www A 192.0.2.12')
    trio.primary.done('wait', ZONE)


@pytest.mark.parametrize('words', [
    ['wait'],
    ['wait', ZONE, '1', '2'],
    ['wait', ZONE, 'abc'],
    ['wait', ZONE, '12x'],
    ['wait', ZONE, '4294967296'],
    ['wait', ZONE, '-1'],
    ['wait', 'bad..name'],
    ['wait', ZONE, '--for', 'ever'],
    ['wait', ZONE, '--timeout', 'soon'],
    ['wait', ZONE, '--timeout', '0'],
    ['wait', ZONE, '--timeout'],
    ['wait', ZONE, '--force'],
    ['wait', ZONE, '--what'],
], ids=' '.join)
def test_wrong_use(trio, words):
    got = trio.primary.ctl(*words)
    assert got.returncode == 2 and got.stdout == '' and got.stderr != ''


def test_unknown_zone(trio):
    got = trio.primary.ctl('wait', 'example.org')
    assert got.returncode == 1 and 'example.org' in got.text


def test_no_daemon(fleet):
    d = fleet.daemon('primary', 'zones: []', start=False)
    got = d.ctl('wait', ZONE)
    assert got.returncode == 4 and f'no daemon at {d.dir}/control.sock' in got.stderr


def test_no_peers(fleet):
    save(fleet.path(ZONE), zone_text(7))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    assert 'serial 7 is served; the zone has no peers to wait for' in d.done('wait', ZONE)
    save(fleet.path(ZONE), zone_text(8))
    assert 'serial 8 is served; the zone has no peers' in d.done('wait', ZONE)


def test_who_is_missing_and_why(fleet):
    """One peer is away, one does not know the zone, one knows it and does not have it, one is there, one need not be."""
    save(fleet.path(ZONE), zone_text(1))
    names = ['away', 'stranger', 'lame', 'there']
    peers = '\n'.join(f'  - {{ name: {n}, address: {fleet.at(n)} }}' for n in names)
    primary = fleet.daemon('primary', f'''
peers:
{peers}
  - {{ name: casual, address: {fleet.at('casual')}, watch: no }}
zones:
  - {{ name: {ZONE}, role: primary, file: {ZONE}.zone, notify: [{', '.join(names)}, casual], transfer: [127.0.0.1] }}
''')
    fleet.daemon('stranger', 'zones: []')
    fleet.daemon('lame', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [{fleet.at("away")}], notify-from: [127.0.0.1] }}]')
    there = fleet.daemon('there', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [{fleet.at("primary")}] }}]')
    there.serves(ZONE, 1)
    waiting = start(primary, 'wait', ZONE, '--timeout', '2s')
    got = waiting.communicate(timeout=60)[0]
    assert waiting.returncode == 3 and 'missing: peer lame' in got and 'missing: peer there' not in got, got
    until(lambda: sum(p['state'] == 'failing' for p in primary.status(ZONE)['peers']) == 4, 'those who are not there are seen failing')
    said = primary.ctl('wait', ZONE, '--timeout', '100ms').text
    assert 'peer there serving 1 after' in said
    assert 'missing: peer away failing: no answer to SOA questions' in said
    assert 'missing: peer stranger failing: REFUSED' in said
    assert 'missing: peer lame failing: SERVFAIL' in said
    assert 'missing: peer there' not in said and 'missing: peer casual' not in said
    assert f'zone {ZONE}: not served within ' in said
    got = primary.json('wait', ZONE, '--timeout', '100ms', code=3)
    assert {m['peer']: m['state'] for m in got['missing']} == {'away': 'failing', 'stranger': 'failing', 'lame': 'failing'}
    assert all(m['reason'] for m in got['missing'])
    log = primary.said()
    assert f'zone {ZONE}: peer stranger failing: NOTIFY answered NOTAUTH' in log
    assert log.count('peer away failing') == log.count('peer casual failing') == 1  # one event, one line
    status = primary.done('status', ZONE)
    assert 'peer casual' in status and '(not waited for)' in status


def test_returns_when_the_last_one_is_there(fleet):
    trio = Trio(fleet)
    trio.primary.done('wait', ZONE)
    trio.secondary.stop()
    trio.save(2, 'www A 192.0.2.2')
    waiting = start(trio.primary, 'wait', ZONE)
    trio.cache.shows('www.example.com', 'A', '192.0.2.2')
    until(lambda: trio.primary.json('wait', ZONE, '--timeout', '100ms', code=3)['missing'], 'somebody is missing')
    assert waiting.poll() is None
    trio.secondary.start()
    said, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0 and 'serial 2 is served by 2 of 2 peers' in said
    assert trio.secondary.values('www.example.com') == ['192.0.2.2']


def test_settled(fleet):
    """Settled is served, and then the TTL of the old answers, and five seconds for those under way."""
    path = fleet.path(ZONE)
    save(path, zone_text(1, 'www A 192.0.2.1', ttl='2s', negative='1s'))
    trio = Trio(fleet, text=path.read_text(encoding='ascii'))
    trio.primary.done('wait', ZONE, '--for', 'settled')
    save(path, zone_text(2, 'www A 192.0.2.2', ttl='2s', negative='1s'))
    got = trio.primary.ctl('wait', ZONE, '--for', 'settled', '--timeout', '500ms')
    assert got.returncode == 3 and f'zone {ZONE}: not settled within ' in got.stderr
    status = trio.primary.done('status', ZONE)
    assert 'served' in status.splitlines()[0]
    assert 'serial 2: the last old answer is gone from conforming caches in ' in status
    said = trio.primary.done('wait', ZONE, '--for', 'settled')
    assert 'serial 2 is settled by 2 of 2 peers' in said
    assert 'settled' in trio.primary.done('status', ZONE).splitlines()[0]
    change = trio.primary.json('history', ZONE)['changes'][-1]
    assert change['served'] and change['settled']
    took = trio.primary.says(rf'zone {ZONE}: serial 2 settled after (\d+) s').group(1)
    assert 6 <= int(took)


def test_settled_waits_for_the_missing(fleet):
    """Not settled while a peer was not seen, and the default timeout is the deadline, if there is one."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1', ttl='1s', negative='1s', timers='1s 1s 5w'))
    primary = fleet.daemon('primary', f'''
peers: [{{ name: away, address: {fleet.at('away')} }}]
zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, notify: [away] }}]
''')
    got = primary.ctl('wait', ZONE, '--for', 'settled', '--timeout', '1s')
    assert got.returncode == 3 and 'missing: peer away' in got.text
