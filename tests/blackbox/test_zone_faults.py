"""test_zone_faults.py - faults in a zone file: each gives a clear line with its place, in `settlectl check-zone`, in the log and in
`status`, and the old zone is served on."""

import re

import pytest

from fleet import QUICK, SETTLECTL, run, save, until, zone_text

ZONE = 'example.com'
HEAD = ['$TTL 1m', '@ SOA ns1 hostmaster 5 1h 15m 2w 2s', '@ NS ns1', 'ns1 A 192.0.2.1']


def after_head(*lines):
    return '\n'.join([*HEAD, *lines]) + '\n'


# name: text of the file, place of the first error (None: the file as a whole), words in its sentence
FAULTS = {
    'unknown type': (after_head('www AAA 192.0.2.1'), '5:5', 'AAA'),
    'IPv4 out of range': (after_head('www A 192.0.2.256'), '5:7', 'IPv4'),
    'IPv4 too short': (after_head('www A 192.0.2'), '5:7', 'IPv4'),
    'IPv6': (after_head('www AAAA 2001:db8::1::2'), '5:10', 'IPv6'),
    'no rdata': (after_head('www A'), '5:6', ''),
    'too much rdata': (after_head('www A 192.0.2.1 192.0.2.2'), '5:17', ''),
    'no number': (after_head('@ MX ten mail'), '5:6', 'number'),
    'number too large': (after_head('@ MX 65536 mail'), '5:6', '65535'),
    'parenthesis left open': (after_head('www TXT ( "a"', 'x A 192.0.2.1'), '5:9', ''),
    'parenthesis never opened': (after_head('www TXT "a" )'), '5:13', ''),
    'quote left open': (after_head('www TXT "a', 'x A 192.0.2.1'), '5:9', ''),
    'string too long': (after_head(f'www TXT "{"x" * 256}"'), '5:9', '255'),
    'label too long': (after_head(f'{"x" * 64} A 192.0.2.1'), '5:1', '63'),
    'name too long': (after_head(f'{".".join(["x" * 60] * 5)} A 192.0.2.1'), '5:1', '255'),
    'empty label': (after_head('a..b A 192.0.2.1'), '5:1', ''),
    'bad escape': (after_head('a\\999 A 192.0.2.1'), '5:1', ''),
    'bad TTL': (after_head('www 1x A 192.0.2.1'), '5:5', ''),
    'bad $TTL': ('$TTL soon\n' + after_head(), '1:6', 'expected a time'),
    'class': (after_head('www CH A 192.0.2.1'), '5:5', 'only class IN'),
    'unknown directive': (after_head('$ORIGN sub'), '5:1', 'did you mean $ORIGIN?'),
    'origin that is no name': (after_head('$ORIGIN a..b'), '5:9', ''),
    'include that is not there': (after_head('$INCLUDE missing.inc'), '5:1', 'missing.inc: No such file'),
    'generate without a range': (after_head('$GENERATE 5-x h$ A 192.0.2.$'), '5:11', ''),
    'generate too many': (after_head('$GENERATE 1-200000 h$ A 192.0.2.1'), '5:11', '100'),
    'unknown rdata of another length': (after_head('www TYPE65400 \\# 4 0102'), '5:24', ''),
    'no SOA': ('$TTL 1m\n@ NS ns1\nns1 A 192.0.2.1\n', None, 'SOA'),
    'two SOAs': (after_head('@ SOA ns2 hostmaster 6 1h 15m 2w 2s'), '5:1', 'SOA'),
    'SOA below the apex': (after_head('sub SOA ns1 hostmaster 6 1h 15m 2w 2s'), '5:1', 'SOA'),
    'serial too large': ('@ 60 SOA ns1 hostmaster 4294967296 1h 15m 2w 2s\n@ 60 NS ns1\n', '1:25', '4294967295'),
    'no NS': ('$TTL 1m\n@ SOA ns1 hostmaster 5 1h 15m 2w 2s\nns1 A 192.0.2.1\n', '2:1', 'NS'),
    'CNAME beside other data': (after_head('www A 192.0.2.1', 'www CNAME ns1'), '6:1', 'CNAME'),
    'two CNAMEs': (after_head('www CNAME ns1', 'www CNAME ns2'), '5:1', '2 CNAMEs'),
    'CNAME at the apex': (after_head('@ CNAME www.example.net.'), '5:1', 'CNAME'),
    'two DNAMEs': (after_head('d DNAME a.example.', 'd DNAME b.example.'), '5:1', '2 DNAMEs'),
    'nothing before it': ('  A 192.0.2.1\n' + after_head(), '1:3', 'owner'),
    'empty': ('', None, 'SOA'),
    'comments only': ('; nothing\n\n', None, 'SOA'),
    'garbage': ('\x01\x02\x7fELF\x02\x01\n' + after_head(), '1:', ''),
    'line too long': (after_head(f'www TXT {"x " * 40000}'), '5:', '65536'),
}


@pytest.fixture(scope='module')
def primary(module_fleet):
    save(module_fleet.path(ZONE), zone_text(4, 'www A 192.0.2.4'))
    return module_fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')


@pytest.mark.parametrize('what', FAULTS)
def test_fault(primary, what):
    text, where, words = FAULTS[what]
    path = primary.fleet.path(ZONE)
    place = re.escape(str(path)) + (f':{where}' if where is not None else '')
    place += r'\d+' if where is not None and where.endswith(':') else ''
    mark = len(primary.said())
    save(path, text)
    checked = run(SETTLECTL, 'check-zone', ZONE, path, env=QUICK)
    assert checked.returncode == 1 and checked.stdout == ''
    found = re.search(rf'^{place}: error: (.+)$', checked.stderr, re.M)
    assert found, f'{place}:\n{checked.stderr}'
    assert words in found.group(1)
    assert re.search(rf'zone {ZONE}: \d+ errors?, \d+ warnings?$', checked.stderr.strip())
    if where is not None and 'garbage' != what:
        assert re.search(rf'^{place}: error: .+\n  .*\n +\^$', checked.stderr, re.M), checked.stderr  # the line and a caret
    sentence = found.group(0)
    primary.says(re.escape(f'zone {ZONE}: {sentence}'), since=mark)
    primary.says(f'zone {ZONE}: the file has errors: serial 4 is served on', since=mark)
    status = primary.status(ZONE)
    assert sentence in status['report'] and ': error: ' in status['error'] and status['serial'] == 4
    assert status['state'] in ('settled', 'served')
    assert primary.values('www.example.com') == ['192.0.2.4'] and primary.serial(ZONE) == 4


def test_status_for_people(primary):
    path = primary.fleet.path(ZONE)
    save(path, FAULTS['IPv4 too short'][0])
    said = until(lambda: [s for s in [primary.done('status', ZONE)] if 'www A 192.0.2\n' in s], 'status shows the line')[0]
    assert said.count(f'{path}:5:7: error: A: expected an IPv4 address') == 1, said
    assert re.search(r'^ +www A 192\.0\.2\n +\^$', said, re.M)
    assert f'{path}:5:7: error: ' in primary.done('status')


def test_every_error_at_once(primary):
    """Five faults on five lines: five errors, in one run."""
    path = primary.fleet.path(ZONE)
    mark = len(primary.said())
    save(path, after_head('a A 1', 'b AAAA x', 'c MX m', 'fine A 192.0.2.1', 'd TXT "', 'e SRV 1 2'))
    got = run(SETTLECTL, 'check-zone', ZONE, path)
    lines = re.findall(rf'{path}:(\d+):\d+: error: ', got.stderr)
    assert lines == ['5', '6', '7', '9', '10'] and f'zone {ZONE}: 5 errors' in got.stderr
    primary.says(rf'{path}:10:', since=mark)
    assert re.findall(rf'{path}:(\d+):\d+: error: ', primary.said()[mark:]) == lines


def test_through_the_include_stack(primary):
    path = primary.fleet.path(ZONE)
    (path.parent / 'inner.inc').write_text('ok A 192.0.2.1\nwww A 192.0.2.1.1\n', encoding='ascii')
    (path.parent / 'outer.inc').write_text('; first\n$INCLUDE inner.inc\n', encoding='ascii')
    save(path, after_head('$INCLUDE outer.inc'))
    got = run(SETTLECTL, 'check-zone', ZONE, path)
    assert got.returncode == 1
    found = re.search(rf'^{path.parent}/inner\.inc:2:7: error: (.*)$', got.stderr, re.M)
    assert found, got.stderr
    assert 'outer.inc:2' in got.stderr and f'{path.name}:5' in got.stderr
    (path.parent / 'outer.inc').write_text('$INCLUDE outer.inc\n', encoding='ascii')
    got = run(SETTLECTL, 'check-zone', ZONE, path)
    assert got.returncode == 1 and re.search(r'outer\.inc:1:\d+: error: ', got.stderr)


def test_file_gone_and_back(primary):
    """Removed, made a directory, unreadable: an error each, and the zone is served on."""
    path = primary.fleet.path(ZONE)
    path.unlink()
    got = primary.ctl('reload', ZONE)
    assert got.returncode == 1 and f'cannot open {path}: No such file' in got.text
    path.mkdir()
    got = primary.ctl('reload', ZONE)
    assert got.returncode == 1 and str(path) in got.text
    path.rmdir()
    assert primary.serial(ZONE) == 4
    save(path, zone_text(9, 'www A 192.0.2.9'))
    primary.shows('www.example.com', 'A', '192.0.2.9')
    until(lambda: primary.status(ZONE)['error'] == '', 'status is clean again')
    assert 'report' not in primary.status(ZONE)


WARNINGS = {
    'missing glue': (['sub NS ns.sub'], '5', 'glue'),
    'data below a cut': (['sub NS ns.elsewhere.example.', 'x.sub TXT "hidden"'], '6', ''),
    'data below a DNAME': (['d DNAME elsewhere.example.', 'x.d A 192.0.2.1'], '6', ''),
    'another zone': (['www.example.net. A 192.0.2.1'], '5', ''),
    'different TTLs': (['www 60 A 192.0.2.1', 'www 30 A 192.0.2.2'], '6', 'smallest'),
}


@pytest.mark.parametrize('what', WARNINGS)
def test_unwise(primary, what):
    """Only a warning, and the zone is served."""
    lines, where, words = WARNINGS[what]
    path = primary.fleet.path(ZONE)
    serial = primary.serial(ZONE) + 1
    save(path, zone_text(serial, *lines))
    got = run(SETTLECTL, 'check-zone', ZONE, path)
    assert got.returncode == 0
    assert re.search(rf'^{path}:{where}:\d+: warning: .*{words}', got.stderr, re.M), got.stderr
    said = primary.done('wait', ZONE)
    assert f'serial {serial}' in said
    assert ': warning: ' in primary.status(ZONE)['report'] and primary.status(ZONE)['error'] == ''


def test_unwise_timers(primary):
    path = primary.fleet.path(ZONE)
    serial = primary.serial(ZONE) + 1
    save(path, zone_text(serial, timers='1h 1h 2h'))
    got = run(SETTLECTL, 'check-zone', ZONE, path)
    assert got.returncode == 0 and re.search(r':2:\d+: warning: .*EXPIRE', got.stderr), got.stderr
    primary.done('wait', ZONE)
    assert primary.serial(ZONE) == serial


def test_keep_wants_a_newer_serial(fleet):
    save(fleet.path(ZONE), zone_text(4, 'www A 192.0.2.4'))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, serial: keep }}]')
    save(fleet.path(ZONE), zone_text(4, 'www A 192.0.2.5'))
    got = d.ctl('wait', ZONE)
    assert got.returncode == 1 and re.search(r'example\.com\.zone:2:\d+: error: .*serial', got.text)
    assert d.values('www.example.com') == ['192.0.2.4']
    save(fleet.path(ZONE), zone_text(3, 'www A 192.0.2.5'))
    assert d.ctl('wait', ZONE).returncode == 1 and d.serial(ZONE) == 4
    save(fleet.path(ZONE), zone_text(5, 'www A 192.0.2.5'))
    d.done('wait', ZONE)
    assert d.values('www.example.com') == ['192.0.2.5'] and d.serial(ZONE) == 5


def test_bad_from_the_start(fleet):
    """A zone that never was: SERVFAIL, said in the log and in status; the others are served; repaired, it is there."""
    save(fleet.path(ZONE), after_head('www A x'))
    save(fleet.path('example.net'), zone_text(1))
    d = fleet.daemon('primary', f'''
zones:
  - {{ name: {ZONE}, role: primary, file: {ZONE}.zone }}
  - {{ name: example.net, role: primary, file: example.net.zone }}
''')
    d.says(f'zone {ZONE}: the file has errors: the zone is not served')
    answer = d.ask('www.example.com', use_edns=0)
    assert answer.rcode() == 2 and [o.code for o in answer.options if o.otype == 15] == [14]
    assert d.serial('example.net') == 1
    assert d.status(ZONE)['state'] == 'failed'
    assert d.ctl('wait', ZONE, '--timeout', '1s').returncode == 1
    save(fleet.path(ZONE), after_head('www A 192.0.2.7'))
    d.shows('www.example.com', 'A', '192.0.2.7')
