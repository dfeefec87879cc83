"""test_life.py - signals, restarts and expiry: reload and stop lose no question, a restart serves what was served, an expired zone says
so and comes back by itself."""

import re
import shutil
import signal
import socket
import threading
import time

import dns.edns
import dns.message
import dns.query
import pytest

from fleet import SETTLECTL, Trio, run, save, until, zone_text
from hostile import Server, respond, rr
from wirekit import Stream, packet, udp

ZONE, NAME = 'example.com', 'www.example.com'


def ede(answer):
    return [o.code for o in answer.options if o.otype == dns.edns.EDE]


class Asking:
    """Clients that ask all the time; a question that stays without an answer is remembered."""

    def __init__(self, daemon, name=NAME, clients=2):
        self.lost, self.asked, self.stopping = [], 0, False
        self.threads = [threading.Thread(target=self.ask_on, args=[daemon, name]) for _ in range(clients)]

    def ask_on(self, daemon, name):
        while not self.stopping:
            answer = daemon.ask(name, seconds=5)
            self.asked += 1
            if answer is None or answer.rcode() != 0 or not answer.answer:
                self.lost.append(answer)

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *args):
        self.stopping = True
        for t in self.threads:
            t.join(20)


# ---- SIGHUP ----


def zones(*names):
    return 'zones:\n' + ''.join(f'  - {{ name: {n}, role: primary, file: {n}.zone }}\n' for n in names)


def test_hup_takes_the_configuration(fleet):
    for n in (ZONE, 'example.net', 'example.org'):
        save(fleet.path(n), zone_text(1, 'www A 192.0.2.1'))
    d = fleet.daemon('primary', zones(ZONE, 'example.net'))
    with Asking(d) as asking:
        d.configure(zones(ZONE, 'example.org'))
        d.signal(signal.SIGHUP)
        d.says(r'reloading \(SIGHUP\)')
        d.shows('www.example.org', 'A', '192.0.2.1')
        until(lambda: d.ask('www.example.net').rcode() == 5, 'the zone that went is refused')
        d.says('zone example.net: no longer configured')
        for i in range(20):
            d.signal(signal.SIGHUP)
            until(lambda n=asking.asked: asking.asked > n + 2, 'questions go on')
        d.configure(zones(ZONE, 'example.net', 'example.org'))
        assert '3 zone files read, 0 with errors' in d.done('reload')
        d.shows('www.example.net', 'A', '192.0.2.1')
    assert not asking.lost and asking.asked > 40
    assert d.done('status').splitlines()[-1] == '3 zones'


def test_hup_with_a_broken_configuration(fleet):
    """The old one is in use, and the zones' files are read again all the same."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, watch: no }}]')
    save(fleet.path(ZONE), zone_text(2, 'www A 192.0.2.2'))
    good = d.config.read_text(encoding='utf-8')
    save(d.config, good.replace('role: primary', 'role: primray, watsh: no'))
    d.signal(signal.SIGHUP)
    d.says(rf'error: configuration: {d.config}:\d+:\d+: error: role: ')
    d.says(rf"error: configuration: {d.config}:\d+:\d+: error: unknown option of a zone 'watsh'")
    d.says('error: configuration not taken, the old one is in use: 2 errors')
    d.shows(NAME, 'A', '192.0.2.2')
    got = run_ctl(d, 'reload')
    assert got.returncode == 1 and re.search(rf'{d.config}:\d+:\d+: error: role: ', got.text) and '2 errors' in got.text
    save(d.config, good)
    d.done('reload')


def test_reload_says_what_needs_a_restart(fleet):
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    d = fleet.daemon('primary', zones(ZONE))
    save(d.config, d.config.read_text(encoding='utf-8') + 'cache: { size: 2M }\n')
    assert f'{d.config}: warning: cache has changed: that needs a restart' in d.done('reload')
    d.says('warning: configuration: cache has changed: that needs a restart')


def run_ctl(d, *words):
    """Over the socket, as the configuration cannot be read just now."""
    got = run(SETTLECTL, '-s', d.dir / 'control.sock', *words)
    got.text = got.stdout + got.stderr
    return got


@pytest.mark.parametrize('text', ['', '# nothing yet\n'], ids=['nothing', 'a comment'])
def test_hup_with_a_configuration_that_is_just_being_written(fleet, text):
    """Emptied and not yet written again: that does not take the zones away."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    d = fleet.daemon('primary', zones(ZONE))
    good = d.config.read_text(encoding='utf-8')
    d.config.write_text(text, encoding='ascii')
    d.signal(signal.SIGHUP)
    d.says(rf'error: configuration: {d.config}: error: nothing is in it')
    assert d.values(NAME) == ['192.0.2.1']
    save(d.config, good)
    d.done('reload')


def test_hup_changes_peers_and_options(fleet):
    """A peer comes: it is told, and waited for."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    s = fleet.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [{fleet.at("primary")}] }}]')
    assert 'REFUSED' in s.says(rf'zone {ZONE}: .*REFUSED').group(0)
    d.configure(f'''
peers: [{{ name: s, address: {fleet.at('secondary')} }}]
zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, notify: [s], transfer: [s] }}]
''')
    d.signal(signal.SIGHUP)
    s.serves(ZONE, 1)
    until(lambda: [p['state'] for p in d.status(ZONE)['peers']] == ['serving'], 'the new peer is seen')


def test_a_new_zone_is_forgotten_in_the_cache_above(fleet):
    """What `.` knew of a name is not what its own zone says."""
    save(fleet.path(ZONE), zone_text(1, 'www 1h A 192.0.2.1'))
    fleet.daemon('origin', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    (fleet.zones / 'ours.zone').write_text(zone_text(1, 'www A 192.0.2.2'), encoding='ascii')
    root = f'  - {{ name: ., role: cache, primaries: [{fleet.at("origin")}] }}\n'
    d = fleet.daemon('cache', f'zones:\n{root}')
    assert d.values(NAME) == ['192.0.2.1']
    d.configure(f'zones:\n{root}  - {{ name: {ZONE}, role: primary, file: ours.zone }}\n')
    d.done('reload')
    d.shows(NAME, 'A', '192.0.2.2')
    save(fleet.path(ZONE), zone_text(2, 'www 1h A 192.0.2.3'))
    fleet.daemons[0].shows(NAME, 'A', '192.0.2.3')
    d.configure(f'zones:\n{root}')
    d.done('reload')
    assert d.values(NAME) == ['192.0.2.3']


# ---- SIGTERM ----


def test_listening_everywhere_answers_from_where_it_was_asked(fleet):
    """A client takes an answer only from the address it asked; so the kernel must not choose it."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.80'))
    daemon = fleet.daemon('everywhere', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]', start=False)
    text = daemon.config.read_text(encoding='utf-8')
    save(daemon.config, text.replace('127.0.0.1@', '0.0.0.0@').replace('[::1]:', '[::]:'))
    daemon.start()
    for address in ('127.0.0.1', '127.0.0.2', '127.255.3.4', '::1'):
        for ask in (dns.query.udp, dns.query.tcp):
            answer = ask(dns.message.make_query(NAME, 'A'), address, port=daemon.port, timeout=20)
            assert [str(r) for rrset in answer.answer for r in rrset] == ['192.0.2.80']


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_stop(fleet, number):
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    idle = Stream(d.port)
    d.signal(number)
    d.left(0)
    assert f'stopping ({number.name})' in d.said() and ': stopped\n' in d.said()
    assert idle.closed()
    assert not (d.dir / 'control.sock').exists()


def test_what_the_kernel_has_taken_is_answered(fleet):
    """Questions that waited in the socket when SIGTERM came."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    with udp(d.port) as s, Stream(d.port) as stream:
        stream.send(packet(NAME, number=1))
        assert stream.receive() is not None
        d.signal(signal.SIGSTOP)
        for i in range(100):
            s.send(packet(NAME, number=i))
        stream.send(*[packet(NAME, number=i) for i in range(100)])
        d.signal(signal.SIGTERM)
        d.signal(signal.SIGCONT)
        assert sorted(dns.message.from_wire(s.recv(4096)).id for _ in range(100)) == list(range(100))
        assert sorted(dns.message.from_wire(stream.receive()).id for _ in range(100)) == list(range(100))
        assert stream.closed()
    d.left(0)


def test_what_is_asked_upstream_is_waited_for(fleet):
    """A client that waits for upstream gets its answer although SIGTERM came."""
    hold = threading.Event()

    def slow(q):
        hold.wait(20)
        return respond(q, rr(NAME + '.', 'A', '192.0.2.1'))

    with Server(fleet.port('up'), udp=slow) as up:
        d = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, follow: no, primaries: [127.0.0.1@{up.port}] }}]')
        with udp(d.port) as s, Stream(d.port) as stream:
            s.send(packet(NAME, flags=0x0100, number=1))
            stream.send(packet(NAME, flags=0x0100, number=2))
            until(lambda: d.json('stats')['cache_misses'] == 2, 'both wait')
            d.signal(signal.SIGTERM)
            d.says(r'stopping \(SIGTERM\)')
            hold.set()
            assert dns.message.from_wire(s.recv(4096)).answer[0][0].address == '192.0.2.1'
            assert dns.message.from_wire(stream.receive()).answer[0][0].address == '192.0.2.1'
        d.left(0)


def test_stops_though_a_client_does_not_read(fleet):
    """Five seconds, then it leaves."""
    save(fleet.path(ZONE), zone_text(1, *[f'big TXT "{i:03}{"x" * 250}"' for i in range(200)]))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')
    with Stream(d.port, buffer=4096) as s:
        s.s.settimeout(0.3)
        try:
            for _ in range(2000):
                s.send(packet('big.example.com', 16))
        except socket.timeout:
            pass
        d.signal(signal.SIGTERM)
        d.left(0)


# ---- restarts ----


def test_a_restarted_secondary_serves_without_its_primary(fleet):
    trio = Trio(fleet)
    trio.save(5, 'www A 192.0.2.5', 'more TXT "x"')
    trio.primary.done('wait', ZONE)
    trio.primary.stop()
    for way in (trio.secondary.stop, trio.secondary.kill):
        way()
        trio.secondary.start(ready=False)
        trio.secondary.shows(NAME, 'A', '192.0.2.5')
        assert trio.secondary.serial(ZONE) == 5
        assert [c['to'] for c in trio.secondary.json('history', ZONE)['changes']] == [1, 5]
    expires = trio.secondary.status(ZONE)['expires_s']
    assert 14 * 86400 - 3600 < expires <= 14 * 86400
    trio.save(6, 'www A 192.0.2.6')
    trio.primary.start()
    trio.shows(NAME, 'A', '192.0.2.6')


def test_a_restarted_primary_goes_on_with_its_serial(fleet):
    """The file says 1, three edits made it 4: a restart serves 4, an edit while it was away 5."""
    trio = Trio(fleet)
    for i in (2, 3, 4):
        trio.save(1, f'www A 192.0.2.{i}')
        trio.primary.done('wait', ZONE)
    assert trio.primary.serial(ZONE) == 4
    trio.primary.stop()
    trio.primary.start()
    assert trio.primary.serial(ZONE) == 4 and trio.primary.values(NAME) == ['192.0.2.4']
    assert [c['to'] for c in trio.primary.json('history', ZONE)['changes']] == [1, 2, 3, 4]
    trio.primary.done('wait', ZONE)
    trio.primary.stop()
    trio.save(1, 'www A 192.0.2.5')
    trio.primary.start()
    assert 'serial 5 is served by 2 of 2' in trio.primary.done('wait', ZONE)
    for d in trio.all:
        assert d.values(NAME) == ['192.0.2.5']
    assert [c['to'] for c in trio.primary.json('history', ZONE)['changes']] == [1, 2, 3, 4, 5]


def test_an_edit_while_the_secondary_was_away(fleet):
    trio = Trio(fleet)
    trio.secondary.stop()
    trio.save(2, 'www A 192.0.2.2')
    trio.primary.shows(NAME, 'A', '192.0.2.2')
    trio.secondary.start()
    trio.secondary.shows(NAME, 'A', '192.0.2.2')
    assert 'serial 2 is served by 2 of 2' in trio.primary.done('wait', ZONE)


def test_a_secondary_that_starts_before_its_primary(fleet):
    """SERVFAIL with EDE 14 until then, and no wait for REFRESH."""
    s = fleet.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [{fleet.at("primary")}] }}]')
    answer = s.ask(NAME, use_edns=0)
    assert answer.rcode() == 2 and ede(answer) == [14]
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1'))
    fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, transfer: [127.0.0.1] }}]')
    s.shows(NAME, 'A', '192.0.2.1')


def test_damaged_journal_is_put_aside(fleet):
    """Bit rot in a secondary's state: said, and transferred again."""
    trio = Trio(fleet)
    trio.secondary.stop()
    data = next((trio.secondary.dir / 'state').rglob('data.mdb'))
    octets = bytearray(data.read_bytes())
    for at in range(8192, len(octets), 97):
        octets[at] ^= 0x55
    data.write_bytes(bytes(octets))
    mark = len(trio.secondary.said())
    trio.secondary.start()
    trio.secondary.shows(NAME, 'A', '192.0.2.80')
    assert re.search(r'error: .*(damaged|moved to)', trio.secondary.said()[mark:])


# ---- expiry ----


def test_expiry(fleet):
    """EXPIRE goes by without a word from the primary: SERVFAIL with EDE 24, in status too, through restarts; then it recovers."""
    text = zone_text(1, 'www A 192.0.2.80', timers='1s 1s 4s')
    trio = Trio(fleet, text=text, secondary=', refresh-min: 1s')
    trio.primary.done('wait', ZONE)
    gone = time.monotonic()
    trio.primary.stop()
    s = trio.secondary
    while (answer := s.ask(NAME, use_edns=0)).rcode() == 0:
        assert answer.answer[0][0].address == '192.0.2.80'
        assert time.monotonic() - gone < 30
        time.sleep(0.02)
    assert answer.rcode() == 2 and ede(answer) == [24] and not answer.answer
    s.says(rf'error: zone {ZONE}: serial 1 expired')
    assert time.monotonic() - gone > 2
    assert s.status(ZONE)['state'] == 'expired' and 'expired' in s.done('status')
    assert 'EDE: 24' in s.dig(NAME)
    s.stop()
    s.start()
    until(lambda: ede(s.ask(NAME, use_edns=0)) == [24], 'still expired after the restart')
    assert s.status(ZONE)['state'] == 'expired'
    trio.primary.start()
    s.shows(NAME, 'A', '192.0.2.80')
    until(lambda: s.status(ZONE)['error'] == '', 'status is clean again')
    trio.primary.done('wait', ZONE)


def test_expiry_goes_on_while_it_is_down(fleet):
    """The clock of EXPIRE does not start anew with a restart."""
    text = zone_text(1, 'www A 192.0.2.80', timers='1s 1s 3s')
    trio = Trio(fleet, text=text, secondary=', refresh-min: 1s')
    trio.primary.stop()
    trio.secondary.stop()
    time.sleep(3.2)
    trio.secondary.start()
    until(lambda: ede(trio.secondary.ask(NAME, use_edns=0)) == [24], 'expired at once')
    assert trio.secondary.values(NAME) == []


def test_refresh_without_notify(fleet):
    """Nobody tells it: it sees the change by its own SOA questions."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.1', timers='1s 1s 1h'))
    p = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, transfer: [127.0.0.1] }}]')
    s = fleet.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [{fleet.at("primary")}], refresh-min: 1s }}]')
    c = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, primaries: [{fleet.at("primary")}], refresh-min: 1s }}]')
    s.shows(NAME, 'A', '192.0.2.1')
    c.shows(NAME, 'A', '192.0.2.1')
    save(fleet.path(ZONE), zone_text(2, 'www A 192.0.2.2', timers='1s 1s 1h'))
    s.shows(NAME, 'A', '192.0.2.2')
    c.shows(NAME, 'A', '192.0.2.2')
    assert p.serial(ZONE) == 2


def test_a_serial_never_goes_back(fleet):
    """RFC 1982: around the end of the numbers it goes forward; backwards only by retransfer."""
    save(fleet.path(ZONE), zone_text(4294967290, 'www A 192.0.2.1'))
    p = fleet.daemon('primary', f'''
peers: [{{ name: s, address: {fleet.at('secondary')} }}]
zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, notify: [s], transfer: [s] }}]
''')
    s = fleet.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [{fleet.at("primary")}] }}]')
    s.serves(ZONE, 4294967290)
    save(fleet.path(ZONE), zone_text(3, 'www A 192.0.2.2'))
    assert 'serial 3 is served by 1 of 1' in p.done('wait', ZONE)
    assert s.serial(ZONE) == 3 and s.values(NAME) == ['192.0.2.2']
    p.stop()
    shutil.rmtree(p.dir / 'state')  # the primary's memory is lost, and an old file is restored from a backup
    save(fleet.path(ZONE), zone_text(2, 'www A 192.0.2.1'))
    p.start()
    p.serves(ZONE, 2)
    got = s.ctl('refresh', ZONE)
    assert got.returncode == 1 and 'older than ours' in got.text
    assert s.serial(ZONE) == 3 and s.values(NAME) == ['192.0.2.2']
    until(lambda: p.status(ZONE)['peers'][0]['state'] == 'ahead', 'the primary sees a peer that is ahead')
    assert 'answers serial 3, newer than 2' in p.status(ZONE)['peers'][0]['reason']
    assert 'serial 3 -> 2' in s.done('retransfer', ZONE)
    assert s.serial(ZONE) == 2
