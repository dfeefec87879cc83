"""test_control.py - settlectl's commands against living daemons, for people and as JSON; every exit code but wait's 3."""

import json
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from fleet import ENVIRONMENT, SETTLECTL, SETTLED, Trio, run, save, until, zone_text

ZONE, NAME = 'example.com', 'www.example.com'
OTHERS = ['@ NS ns2', 'ns2 A 192.0.2.2']  # a name server that nobody watches; ns1 is the primary itself, by the SOA


@pytest.fixture(scope='module')
def trio(module_fleet):
    return Trio(module_fleet, text=zone_text(1, *OTHERS, 'www A 192.0.2.80'))


def edit(trio, address):
    trio.save(1, *OTHERS, f'www A {address}')
    trio.primary.done('wait', ZONE)
    return trio.primary.serial(ZONE)


# ---- status ----


def test_status_of_all(trio):
    edit(trio, '192.0.2.20')
    for d, role, peers in ((trio.primary, 'primary', '2/2'), (trio.secondary, 'secondary', '-'), (trio.cache, 'cache', '-')):
        lines = d.done('status').splitlines()
        assert lines[0].split() == ['ZONE', 'ROLE', 'SERIAL', 'STATE', 'AGE', 'PEERS', 'NEXT']
        words = lines[1].split()
        assert words[:3] == [ZONE, role, str(trio.primary.serial(ZONE))] and words[5] == peers
        assert re.fullmatch(r'\d+[smhd]', words[4])
        assert lines[-1] == '1 zone'


def test_status_of_one(trio):
    serial = edit(trio, '192.0.2.21')
    said = trio.primary.done('status', ZONE)
    assert said.startswith(f'zone {ZONE}: primary, ')
    assert f'serial {serial} since 20' in said
    assert re.search(r'peer secondary +serving +serial \d+', said) and re.search(r'peer cache +serving +serial \d+', said)
    assert 'ns2.example.com is a name server of the zone that nobody watches' in said
    said = trio.secondary.done('status', ZONE)
    assert 'confirmed by a primary 20' in said and 'next check in ' in said and 'expires 20' in said
    said = trio.cache.done('status', ZONE)
    assert 'follows its primaries' in said


def test_status_json(trio):
    serial = edit(trio, '192.0.2.22')
    got = trio.primary.json('status', ZONE)
    assert (got['zone'], got['role'], got['serial'], got['error'], got['held'], got['exit']) == (ZONE, 'primary', serial, '', False, 0)
    assert {p['name']: (p['kind'], p['state'], p['serial'], p['watch'], p['reason']) for p in got['peers']} == {
        'secondary': ('secondary', 'serving', serial, True, ''), 'cache': ('cache', 'serving', serial, True, '')}
    assert got['unwatched'] == ['ns2.example.com']
    assert 0 <= got['age_s'] < 100 and got['records'] == 6
    got = trio.secondary.json('status', ZONE)
    assert got['role'] == 'secondary' and 0 < got['next_s'] <= 3600 and 0 < got['expires_s'] <= 14 * 86400
    got = trio.cache.json('status', ZONE)
    assert got['role'] == 'cache' and got['follows'] is True
    everything = trio.primary.json('status')
    assert [z['zone'] for z in everything['zones']] == [ZONE]


# ---- history ----


def test_history(trio):
    before = trio.primary.serial(ZONE)
    serial = edit(trio, '192.0.2.23')
    said = trio.primary.done('history', ZONE).splitlines()
    assert said[0].split() == ['SERIALS', 'WHEN', 'SOURCE', 'RRSETS', 'SERVED', 'AFTER', 'SETTLED', 'AFTER']
    assert said[-2].startswith(f'{before} -> {serial} ') and ' file ' in said[-2]
    assert re.fullmatch(r'\d+ changes', said[-1])
    got = trio.primary.json('history', ZONE)
    last = got['changes'][-1]
    assert (last['from'], last['to'], last['source'], last['rrsets'], last['served']) == (before, serial, 'file', 1, True)
    assert 'from' not in got['changes'][0] and got['changes'][0]['to'] == 1
    assert abs(last['committed_ms'] / 1000 - time.time()) < 120
    last = trio.secondary.json('history', ZONE)['changes'][-1]
    assert (last['from'], last['to'], last['source']) == (before, serial, 'transfer')
    assert trio.primary.fleet.at('primary') in last['from_whom']


# ---- why, lookup, flush ----


def test_why(trio):
    edit(trio, '192.0.2.24')
    said = trio.primary.done('why', NAME)
    assert f'{NAME}: primary zone {ZONE}' in said and 'the name is there' in said
    assert 'NOERROR, authoritative' in said and re.search(r'answer +www\.example\.com\.\s+60\s+IN\s+A\s+192\.0\.2\.24', said)
    assert 'the zone is changing: serial ' in said
    said = trio.secondary.done('why', f'no.{NAME}', 'AAAA')
    assert f'secondary zone {ZONE}' in said and 'no such name, and no wildcard for it' in said and 'NXDOMAIN, authoritative' in said
    trio.cache.done('flush', NAME)
    assert 'not in the cache: the primaries would be asked now' in trio.cache.done('why', NAME)
    trio.cache.values(NAME)
    said = trio.cache.done('why', NAME)
    assert f'cache zone {ZONE}' in said and f'coherent with serial {trio.primary.serial(ZONE)}' in said and '192.0.2.24' in said
    assert 'no zone of this server has it' in trio.primary.done('why', 'www.example.org')
    got = trio.primary.json('why', NAME, 'A')
    assert (got['zone'], got['role'], got['serial']) == (ZONE, 'primary', trio.primary.serial(ZONE))
    assert got['match'] == 'the name is there' and got['changing'] is True
    assert got['answered'] is True and got['answers'][0]['rcode'] == 'NOERROR'
    assert got['answers'][1]['section'] == 'answer' and '192.0.2.24' in got['answers'][1]['record']


def test_lookup_and_flush(trio):
    edit(trio, '192.0.2.25')
    assert trio.cache.ctl('lookup', NAME, 'A').returncode == 1
    assert trio.cache.values(NAME) == ['192.0.2.25']
    trio.cache.ask('gone.example.com')
    trio.cache.ask('below.gone.example.com')
    said = trio.cache.done('lookup', NAME, 'A')
    assert re.search(r'records, \d+ s left', said) and '192.0.2.25' in said
    assert 'no such name, ' in trio.cache.done('lookup', 'gone.example.com', 'A')
    got = trio.cache.json('lookup', NAME, 'A')
    assert len(got['entries'][0]['records']) == 1 and '192.0.2.25' in got['entries'][0]['records'][0]
    assert got['entries'][0]['kind'] == 'records' and 0 < got['entries'][0]['ttl'] <= 60
    assert '1 entry forgotten' in trio.cache.done('flush', NAME, 'A')
    assert trio.cache.ctl('lookup', NAME, 'A').returncode == 1
    assert '0 entries forgotten' in trio.cache.done('flush', NAME)
    trio.cache.values(NAME)
    trio.cache.values('ns1.example.com')
    assert trio.cache.json('flush', ZONE, '--below')['forgotten'] >= 2
    assert trio.cache.ctl('lookup', 'ns1.example.com', 'A').returncode == 1
    got = trio.primary.ctl('lookup', NAME, 'A')
    assert got.returncode == 1 and 'is in no cache zone of this server' in got.text


# ---- reload, refresh, retransfer, notify ----


def test_reload_says_what_changed(trio):
    serial = edit(trio, '192.0.2.26')
    assert f'zone {ZONE}: serial {serial}, nothing changed' in trio.primary.done('reload', ZONE)
    got = trio.primary.json('reload', ZONE)
    assert (got['ok'], got['changed'], got['serial']) == (True, False, serial)
    assert '1 zone file read, 0 with errors' in trio.primary.done('reload')


def test_reload_with_errors(trio):
    serial = edit(trio, '192.0.2.27')
    save(trio.path, zone_text(1, 'www A 192.0.2.28', 'www CNAME other'))
    got = trio.primary.ctl('reload', ZONE)
    assert got.returncode == 1
    assert re.search(rf'{trio.path}:6:\d+: error: ', got.text) and 'not taken, the old one is served on' in got.text
    assert trio.primary.ctl('reload').returncode == 1
    got = trio.primary.json('reload', ZONE, code=1)
    assert got['error'] in got['report'] and '^' in got['report']
    assert [z['error'] for z in trio.primary.json('reload', code=1)['zones']] == [got['error']]
    assert trio.primary.json('wait', ZONE, code=1)['report'] == got['report']
    assert trio.primary.json('diff', ZONE, trio.path, code=1)['report'] == got['report']
    assert trio.primary.serial(ZONE) == serial and trio.primary.values(NAME) == ['192.0.2.27']
    edit(trio, '192.0.2.28')


def test_refresh_and_retransfer(trio):
    serial = edit(trio, '192.0.2.29')
    assert f'serial {serial}, nothing changed' in trio.secondary.done('refresh', ZONE)
    assert f'serial {serial}' in trio.secondary.done('retransfer', ZONE)
    assert trio.secondary.json('refresh', ZONE)['ok'] is True
    assert f'serial {serial}, nothing changed' in trio.cache.done('refresh', ZONE)
    assert f'serial {serial}, nothing changed' in trio.secondary.done('reload', ZONE)
    for d, command in ((trio.primary, 'refresh'), (trio.primary, 'retransfer'), (trio.cache, 'retransfer')):
        got = d.ctl(command, ZONE)
        assert got.returncode == 1 and 'here' in got.text


def test_notify(trio):
    edit(trio, '192.0.2.30')
    before = trio.secondary.json('stats')['notify_taken'] + trio.secondary.json('stats')['notify_merged']
    assert f'zone {ZONE}: NOTIFY sent to 2 peers' in trio.primary.done('notify', ZONE)
    until(lambda: trio.secondary.json('stats')['notify_taken'] + trio.secondary.json('stats')['notify_merged'] > before,
          'the secondary counts a NOTIFY')
    assert trio.primary.json('notify', ZONE)['peers'] == 2


# ---- diff, export ----


def test_diff(trio):
    serial = edit(trio, '192.0.2.31')
    new = trio.path.with_name('new')
    save(new, zone_text(serial + 1, *OTHERS, 'www A 192.0.2.32', 'more TXT "x"', ttl='2m'))
    said = trio.primary.done('diff', ZONE, new)
    assert re.search(r'changed +www\.example\.com\.? A \(old answers: TTL 60\)', said)
    assert re.search(r'added +more\.example\.com\.? TXT', said)
    assert 'RRsets would change; old answers would live up to 1 min 0 s' in said
    assert 'not watched: ns2.example.com' in said
    got = trio.primary.json('diff', ZONE, new)
    rrsets = {(r['owner'], r['type']): (r['what'], r['old_ttl_s']) for r in got['differences']}
    assert rrsets[NAME, 'A'] == ('changed', 60) and rrsets['more.example.com', 'TXT'][0] == 'added'
    assert got['old_ttl_s'] == 60 and got['rrsets'] == len(rrsets)
    assert trio.primary.values(NAME) == ['192.0.2.31']  # nothing was loaded
    assert f'no difference (serial {serial} is served' in trio.primary.done('diff', ZONE, trio.path)
    save(new, zone_text(serial + 1, 'www A 192.0.2.333'))
    got = trio.primary.ctl('diff', ZONE, new)
    assert got.returncode == 1 and f'{new}:5:7: error: ' in got.text and f'{new} has 1 error' in got.text
    assert trio.primary.ctl('diff', ZONE, trio.path.with_name('missing')).returncode == 1
    # A path is seen from where the command is given, not from where the daemon is.
    got = run(SETTLECTL, '-c', trio.primary.config, 'diff', ZONE, 'new', cwd=new.parent)
    assert got.returncode == 1 and f'{new} has 1 error' in got.stderr


def test_export_is_the_zone(trio):
    edit(trio, '192.0.2.33')
    copy = trio.path.with_name('export')
    for d in (trio.primary, trio.secondary):
        text = d.done('export', ZONE)
        assert re.match(r'example\.com\.\s+\d+\s+IN\s+SOA\s', text)  # as other servers want it
        owners = d.json('export', ZONE)['owners']
        assert owners[0]['owner'] == ZONE and '\n'.join(o['text'] for o in owners) == text.rstrip('\n')
        assert re.search(r'^www\.example\.com\.\s+60\s+IN\s+A\s+192\.0\.2\.33$', text, re.M)
        save(copy, text)
        assert 'no difference' in trio.primary.done('diff', ZONE, copy)
    got = trio.cache.ctl('export', ZONE)
    assert got.returncode == 1 and 'is a cache here' in got.text


# ---- stats, watch, stop ----


def test_stats_count_once(trio):
    """Ten questions are ten questions, and as many answers."""
    before = trio.primary.json('stats')
    for _ in range(10):
        trio.primary.ask(NAME)
    for _ in range(5):
        trio.primary.ask(f'no.{NAME}', tcp=True)
    after = trio.primary.json('stats')
    grown = {k: after[k] - before[k] for k in before if k != 'text'}
    assert grown['queries_tcp'] == grown['nxdomain'] == grown['tcp_accepted'] == 5
    assert grown['queries_udp'] >= 10 and grown['queries_udp'] < 20 and grown['noerror'] == grown['queries_udp']
    assert grown['answers'] == grown['queries_udp'] + 5
    assert 'questions received over UDP' in trio.primary.done('stats')
    before = trio.cache.json('stats')
    trio.cache.done('flush', NAME)
    for _ in range(3):
        trio.cache.values(NAME)
    after = trio.cache.json('stats')
    assert after['cache_misses'] - before['cache_misses'] == 1 and after['cache_hits'] - before['cache_hits'] == 2
    assert after['cache_entries'] >= 1 and after['cache_bytes'] > 0


def test_watch(trio):
    # Where the tests run in a shell's background, SIGINT comes to them ignored.
    watching = subprocess.Popen([SETTLECTL, '-c', trio.primary.config, 'watch'], text=True, stdout=subprocess.PIPE, env=ENVIRONMENT,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(iter(watching.stdout.readline, '')))
    reader.start()
    until(lambda: lines, 'watch says what is')
    serial = edit(trio, '192.0.2.34')
    until(lambda: f'{ZONE}: serial {serial}, 2 of 2 peers serve it\n' in lines, 'watch says that it is served')
    save(trio.path, zone_text(1, 'www A'))
    until(lambda: any('example.com.zone:5:' in x for x in lines), 'watch says the error')
    watching.send_signal(signal.SIGINT)
    assert watching.wait(20) == -signal.SIGINT
    reader.join(20)
    edit(trio, '192.0.2.35')


def test_watch_json(trio):
    """A document in a line for each event, at once: there is no end at which to print one."""
    watching = subprocess.Popen([SETTLECTL, '-c', trio.primary.config, '--json', 'watch'], text=True, stdout=subprocess.PIPE,
                                env=ENVIRONMENT)
    event = json.loads(watching.stdout.readline())
    assert (event['zone'], event['serial'], event['watched']) == (ZONE, trio.primary.serial(ZONE), 2)
    watching.kill()
    watching.wait(20)
    watching.stdout.close()


def test_stop(fleet):
    d = fleet.daemon('primary', 'zones: []')
    assert 'stopping' in d.done('stop')
    d.left(0)
    got = d.ctl('status')
    assert got.returncode == 4 and 'no daemon at' in got.stderr
    assert not (d.dir / 'control.sock').exists()


# ---- wrong use, and a daemon that is not there ----


@pytest.mark.parametrize('words', [
    [], ['stats', 'now'], ['statuss'], ['status', 'a', 'b'], ['history'], ['why'], ['why', NAME, 'NOTYPE'], ['why', 'a..b'],
    ['lookup', NAME], ['lookup', NAME, 'XYZ'], ['flush'], ['flush', NAME, '--deep'], ['diff', ZONE], ['export'], ['reload', 'a..b'],
    ['reload', ZONE, '--below'], ['notify'], ['refresh'], ['retransfer'], ['stop', 'it'], ['watch', ZONE], ['check-zone', ZONE],
    ['check-conf'], ['check-all'],
], ids=' '.join)
def test_wrong_use(trio, words):
    got = trio.primary.ctl(*words)
    assert got.returncode == 2 and got.stdout == '' and got.stderr != ''


def test_options_of_settlectl_and_settled(trio):
    assert run(SETTLECTL, '--what').returncode == 2
    assert run(SETTLECTL, '--help').returncode == 0 and 'exit code: 0 done' in run(SETTLECTL, '--help').stdout
    assert run(SETTLECTL, '--version').stdout.startswith('settlectl ')
    assert run(SETTLED, '--version').stdout.startswith('settled ')
    assert run(SETTLED, '--help').returncode == 0
    assert run(SETTLED, '--what').returncode == 2 and run(SETTLED, 'now').returncode == 2
    socket_path = trio.primary.dir / 'control.sock'
    assert ZONE in run(SETTLECTL, '-s', socket_path, 'status').stdout
    assert run(SETTLECTL, '-s', socket_path, '--json', 'status', ZONE).stdout.startswith('{')
    assert json.loads(run(SETTLECTL, '-s', socket_path, 'status', '--json', ZONE).stdout)['zone'] == ZONE
    got = run(SETTLECTL, '-s', trio.primary.dir / 'missing', 'status')
    assert got.returncode == 4 and 'no daemon at' in got.stderr
    got = run(SETTLECTL, '-c', trio.primary.dir / 'missing', 'status')
    assert got.returncode == 1 and 'missing' in got.stderr


@pytest.mark.parametrize('words', [['status', 'example.org'], ['history', 'example.org'], ['reload', 'example.org'],
                                   ['notify', 'example.org'], ['refresh', 'example.org'], ['export', 'example.org'],
                                   ['diff', 'example.org', '/dev/null'], ['flush', 'example.org']], ids=' '.join)
def test_unknown_zone(trio, words):
    got = trio.primary.ctl(*words)
    assert got.returncode == 1 and 'example.org' in got.stderr


def test_what_a_bad_client_says(trio):
    """Garbage, half a line, too long a line, a client that goes away: an answer or nothing, and the daemon lives."""
    path = str(trio.primary.dir / 'control.sock')

    def say(octets):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(20)
            s.connect(path)
            try:
                s.sendall(octets)
            except BrokenPipeError:
                pass
            if not octets.endswith(b'\n'):
                s.shutdown(socket.SHUT_WR)
            said = b''
            while more := s.recv(65536):
                said += more
            return said.splitlines()[-1] if said else b''

    assert json.loads(say(b'hello\n'))['exit'] == 2
    assert json.loads(say(b'{}\n'))['exit'] == 2
    assert json.loads(say(b'{"command":"status","arguments":[1]}\n'))['exit'] == 2
    assert json.loads(say(b'{"command":"status","arguments":{}}\n'))['exit'] == 0
    assert json.loads(say(b'{"command":"diff","arguments":[]}\n'))['exit'] == 2
    assert json.loads(say(b'{"command":"nothing"}\n'))['exit'] == 2
    assert json.loads(say(b'[' * 5000 + b'\n'))['exit'] == 2
    assert json.loads(say(b'x' * 65536))['exit'] == 1
    assert say(b'{"command":') == b'' and say(b'') == b''
    for _ in range(20):
        waiting = subprocess.Popen([SETTLECTL, '-s', path, 'wait', ZONE, '99'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        waiting.kill()
        waiting.wait(20)
    assert trio.primary.status(ZONE)['zone'] == ZONE


def test_a_second_daemon_does_not_take_the_first_ones_place(trio):
    got = run(SETTLED, '-c', trio.primary.config)
    assert got.returncode == 1 and got.stderr.strip() != ''
    assert trio.primary.status(ZONE)['zone'] == ZONE


def test_a_socket_left_behind_is_replaced(fleet):
    d = fleet.daemon('primary', 'zones: []')
    d.kill()
    assert (d.dir / 'control.sock').exists()
    assert d.ctl('status').returncode == 4
    d.start()
    assert d.done('status').strip() == '0 zones'


# ---- holding back ----


def test_max_shrink_is_held_until_forced(fleet):
    hosts = [f'h{i} A 192.0.2.{i}' for i in range(40)]
    save(fleet.path(ZONE), zone_text(1, *hosts))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    save(fleet.path(ZONE), zone_text(2, *hosts[:5]))
    got = d.ctl('wait', ZONE)
    assert got.returncode == 1 and 'held' in got.text and f'settlectl reload {ZONE} --force' in got.text
    assert d.values('h30.example.com') == ['192.0.2.30'] and d.serial(ZONE) == 1
    assert d.status(ZONE)['held'] is True and ', held' in d.done('status', ZONE).splitlines()[0]
    assert 'serial 1 -> 2' in d.done('reload', ZONE, '--force')
    assert d.values('h30.example.com') == [] and d.status(ZONE)['held'] is False
