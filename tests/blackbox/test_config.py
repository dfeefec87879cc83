"""test_config.py - broken configurations: every mistake at once, each with FILE:LINE:COLUMN, the line, a caret and what was meant."""

import re
import shutil

import pytest

from fleet import QUICK, ROOT, SETTLECTL, SETTLED, run, save, zone_text

START = 'server: { listen: 127.0.0.1@5399 }\n'
BROKEN = {
    'unknown section': ('sever: { threads: 1 }\n', '1:1', "did you mean 'server'?"),
    'unknown option': ('server: { lisen: 127.0.0.1 }\n', '1:11', "did you mean 'listen'?"),
    'unknown option of a zone': ('zones:\n  - { name: a.example, role: primary, file: x, notfy: none }\n', '2:48', "did you mean 'notify'?"),
    'no number': ('server: { threads: many }\n', '1:20', "'many'"),
    'out of range': ('server: { threads: 1000 }\n', '1:20', '256'),
    'no time': ('cache: { max-ttl: soon }\n', '1:19', "'soon'"),
    'no size': ('cache: { size: 3X }\n', '1:16', "'3X'"),
    'no address': ('server: { listen: 127.0.0.300 }\n', '1:19', "'127.0.0.300'"),
    'no word': ('log: { level: loud }\n', '1:15', "'loud'"),
    'IPv6 without quotes': ('server: { listen: [::1@53] }\n', '1:20', 'quote IPv6 addresses'),
    'a map for an address': ('server:\n  listen: [2001:db8:: , 1.2.3.4]\n', '2:12', 'quote IPv6 addresses'),
    'duplicate key': ('server: { threads: 1, threads: 2 }\n', '1:23', 'twice'),
    'anchor': ('server: { state: &a x }\n', '1:18', 'anchors'),
    'alias': ('server: { state: *a }\n', '1:18', 'aliases'),
    'tag': ('zones: !!seq []\n', '1:8', 'tags'),
    'merge key': ('server: { <<: { threads: 1 } }\n', '1:11', 'merge'),
    'second document': ('server: { threads: 1 }\n---\nzones: []\n', '2:1', 'second document'),
    'a list for a map': ('server: [1, 2]\n', '1:9', ''),
    'a map for a list': ('zones: { name: a.example }\n', '1:8', ''),
    'never closed': ('server: { threads: 1\nzones: []\n', '2:6', "line 1"),
    'tab': ('server:\n\tthreads: 1\n', '2:1', ''),
    'no name': ('zones:\n  - { role: primary, file: x }\n', '2:5', 'name'),
    'no role': ('zones:\n  - { name: a.example, file: x }\n', '2:13', "'role' is missing"),
    'bad role': ('zones:\n  - { name: a.example, role: primry, file: x }\n', '2:30', "'primry' is none of: primary secondary cache"),
    'bad zone name': ('zones:\n  - { name: a..example, role: primary, file: x }\n', '2:13', "a..example"),
    'zone twice': ('zones:\n  - { name: a.example, role: primary, file: x }\n  - { name: A.Example., role: primary, file: y }\n', '3:13',
                   'line 2'),
    'primary without file': ('zones:\n  - { name: a.example, role: primary }\n', '2:13', "needs a 'file'"),
    'secondary without primaries': ('zones:\n  - { name: a.example, role: secondary }\n', '2:13', "needs 'primaries'"),
    'option of another role': ('zones:\n  - { name: a.example, role: primary, file: x, primaries: [192.0.2.1] }\n', '2:48', 'primary'),
    'peer that is not defined': ('zones:\n  - { name: a.example, role: secondary, primaries: [ns9] }\n', '2:53', "ns9"),
    'peer twice': ('peers:\n  - { name: a, address: 192.0.2.1 }\n  - { name: a, address: 192.0.2.2 }\n', '3:13', "second peer of the name 'a'"),
    'prefix to send to': ('zones:\n  - { name: a.example, role: secondary, primaries: [192.0.2.0/24] }\n', '2:53', 'prefix'),
    'not UTF-8': (b'server: { nsid: "\xff" }\n', '1:18', 'UTF-8'),
    'later: keys': ('keys:\n  - { name: k, algorithm: hmac-sha256, secret-file: k }\n', '1:1', 'not signed'),
    'later: key of a peer': ('peers:\n  - { name: a, address: 192.0.2.1, key: k }\n', '2:36', 'not signed'),
    'later: http': ('http: { listen: 127.0.0.1@8053 }\n', '1:1', 'no web page'),
    'no cookie secret': ('server: { cookie-secret-file: x }\n', '1:31', 'No such file'),
    'later: journal-max': ('zones:\n  - { name: a.example, role: primary, file: x, journal-max: 5M }\n', '2:48', 'transferred whole'),
    'include that is not there': ('include: [missing.conf]\n', '1:11', 'missing.conf'),
}


@pytest.mark.parametrize('what', BROKEN)
def test_broken(tmp_path, what):
    text, where, words = BROKEN[what]
    path = tmp_path / 'settled.conf'
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    got = run(SETTLECTL, 'check-conf', path, env=QUICK)
    assert got.returncode == 1 and got.stdout == ''
    lines = got.stderr.splitlines()
    assert re.match(rf'{re.escape(str(path))}:{where}: error: .', lines[0]), got.stderr
    assert words in lines[0]
    line, column = map(int, where.split(':'))
    if isinstance(text, str):
        assert lines[1] == '  ' + text.splitlines()[line - 1]
        assert lines[2].rstrip() == re.sub(r'[^\t]', ' ', lines[1])[:column + 1] + '^'
    assert re.match(r'\d+ errors?\b', lines[-1])


@pytest.mark.parametrize('what', ['unknown option', 'never closed', 'primary without file'])
def test_broken_everywhere_the_same(tmp_path, what):
    path = tmp_path / 'settled.conf'
    path.write_text(BROKEN[what][0], encoding='ascii')
    checked = run(SETTLECTL, 'check-conf', path)
    for command in ([SETTLED, '-c', path, '--check'], [SETTLED, '-c', path]):
        got = run(*command)
        assert got.returncode == 1 and got.stdout == ''
        assert got.stderr.splitlines()[:-1] == checked.stderr.splitlines()[:-1]
        assert got.stderr.splitlines()[-1].startswith('1 error')
    got = run(SETTLECTL, '-c', path, 'status')
    assert got.returncode == 1 and 'does not tell where the daemon listens' in got.stderr


def test_all_at_once(tmp_path):
    """Mistakes of the main file and of an included one, each in its place, and their number."""
    save(tmp_path / 'more.conf', 'zones:\n  - { name: b.example, role: primary }\n')
    save(tmp_path / 'settled.conf', 'server: { threads: 0 }\nlog: { level: 1 }\ninclude: more.conf\nzones:\n  - { name: a.example }\n')
    got = run(SETTLECTL, 'check-conf', tmp_path / 'settled.conf')
    assert got.returncode == 1
    found = set(re.findall(r'(\w+\.conf):(\d+):\d+: error: ', got.stderr))
    assert found == {('settled.conf', '1'), ('settled.conf', '2'), ('settled.conf', '5'), ('more.conf', '2')}
    count = len(re.findall(r': error: ', got.stderr))
    assert got.stderr.splitlines()[-1].startswith(f'{count} errors')


def test_scalars_are_text(tmp_path):
    """YAML's no, on, 1:30, 0x10, null and dates are text like any other."""
    save(tmp_path / 'settled.conf', '''
peers:
  - { name: no, address: 192.0.2.1, watch: yes }
  - { name: null, address: 192.0.2.2, watch: no }
  - { name: 2026-01-01, address: 192.0.2.3, watch: no }
server: { nsid: 0x10 }
cache: { max-ttl: 1h30m, size: 64M }
zones:
  - { name: a.example, role: secondary, primaries: [no, null, 2026-01-01], follow: no }
''')
    got = run(SETTLECTL, 'check-conf', tmp_path / 'settled.conf')
    assert "follow" in got.stderr and got.returncode == 1  # only that: it is an option of cache zones
    assert got.stderr.count(': error: ') == 1
    save(tmp_path / 'settled.conf', 'cache: { max-ttl: 1:30 }\n')
    assert "'1:30' " in run(SETTLECTL, 'check-conf', tmp_path / 'settled.conf').stderr


def test_missing_file(tmp_path):
    for command in ([SETTLECTL, 'check-conf', tmp_path / 'no'], [SETTLED, '-c', tmp_path / 'no'], [SETTLED, '-c', tmp_path / 'no', '--check']):
        got = run(*command)
        assert got.returncode == 1 and str(tmp_path / 'no') in got.stderr and 'No such file' in got.stderr
    got = run(SETTLECTL, 'check-conf', tmp_path)
    assert got.returncode == 1 and str(tmp_path) in got.stderr


def test_the_example(tmp_path):
    """zones/settled.conf is right as it comes, with every zone in a directory beside it, where `make install` puts them."""
    shutil.copytree(ROOT / 'zones', tmp_path / 'zones')
    shutil.copy(ROOT / 'zones' / 'settled.conf', tmp_path)
    got = run(SETTLECTL, 'check-conf', tmp_path / 'settled.conf')
    assert got.returncode == 0 and '0 errors, 0 warnings' in got.stderr, got.stderr
    got = run(SETTLED, '-c', tmp_path / 'settled.conf', '--check')
    assert got.returncode == 0 and ' error: ' not in got.stderr, got.stderr


@pytest.mark.parametrize('path', sorted((ROOT / 'zones').glob('*.zone')), ids=lambda p: p.stem)
def test_example_zones(path):
    got = run(SETTLECTL, 'check-zone', path.stem, path)
    assert got.returncode == 0 and '0 errors, 0 warnings' in got.stderr, got.stderr


def test_check_reads_the_zones_too(tmp_path):
    save(tmp_path / 'a.zone', zone_text(1, 'www A 192.0.2.1'))
    save(tmp_path / 'b.zone', zone_text(1, 'www A 192.0.2.999'))
    save(tmp_path / 'settled.conf', f'server: {{ zones: {tmp_path} }}\nzones:\n'
         '  - { name: a.example, role: primary, file: a.zone }\n  - { name: b.example, role: primary, file: b.zone }\n')
    got = run(SETTLED, '-c', tmp_path / 'settled.conf', '--check')
    assert got.returncode == 1
    assert f'{tmp_path}/b.zone:5:7: error: ' in got.stderr and 'zone a.example: serial 1, 4 records, 0 errors' in got.stderr
    save(tmp_path / 'b.zone', zone_text(1, 'www A 192.0.2.99'))
    assert run(SETTLED, '-c', tmp_path / 'settled.conf', '--check').returncode == 0


def test_what_cannot_be_started(fleet):
    """A port that is taken, a state directory that cannot be, a control socket that cannot be: said in a sentence, exit code 1."""
    first = fleet.daemon('first', 'zones: []')
    got = run(SETTLED, '-c', first.config)
    assert got.returncode == 1 and 'error: ' in got.stderr
    other = fleet.daemon('other', 'zones: []', start=False)
    text = other.config.read_text(encoding='utf-8')
    (other.dir / 'file').write_text('', encoding='ascii')
    save(other.config, text.replace('state: state', f'state: {other.dir}/file'))
    got = run(SETTLED, '-c', other.config)
    assert got.returncode == 1 and f'{other.dir}/file' in got.stderr
    save(other.config, text.replace('state: state', f'state: {first.dir}/state'))
    got = run(SETTLED, '-c', other.config)
    assert got.returncode == 1 and f'{first.dir}/state' in got.stderr  # two daemons in one journal
    save(other.config, text.replace('socket: control.sock', f'socket: {first.dir}/control.sock'))
    got = run(SETTLED, '-c', other.config)
    assert got.returncode == 1 and f'another settled answers on {first.dir}/control.sock' in got.stderr
    save(other.config, text.replace('socket: control.sock', f'socket: {other.dir}/file/control.sock'))
    got = run(SETTLED, '-c', other.config)
    assert got.returncode == 1 and f'{other.dir}/file' in got.stderr
    save(other.config, text.replace(f'@{other.port}', f'@{first.port}').replace(f':{other.port}', f':{first.port}'))
    got = run(SETTLED, '-c', other.config)
    assert got.returncode == 1 and f'127.0.0.1@{first.port}' in got.stderr and 'in use' in got.stderr
    save(other.config, text)
