"""test_service.py - what a service manager sees: READY, STATUS, the watchdog's beat, RELOADING, STOPPING; and sockets that it hands over."""

import fcntl
import os
import signal
import socket
import subprocess
import time

import pytest

from fleet import ENVIRONMENT, SETTLED, Daemon, free_port, run, save, unless_stalled, until, zone_text

ZONE = 'example.com'
CONFIG = f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]\n'
WATCHDOG_US = 1_000_000


class Manager:
    """The socket that sd_notify writes to, and what came in on it."""

    def __init__(self, directory):
        self.path = directory / 'notify'
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.setblocking(False)
        self.heard = []  # (monotonic time, "NAME=value")

    def listen(self):
        while True:
            try:
                text = self.socket.recv(4096).decode()
            except BlockingIOError:
                return self.heard
            self.heard += [(time.monotonic(), line) for line in text.splitlines()]

    def values(self, name):
        return [line.split('=', 1)[1] for _, line in self.listen() if line.startswith(name + '=')]

    def hears(self, line, times=1):
        until(lambda: [text for _, text in self.listen()].count(line) >= times, f'{line} ({times} times)')

    def close(self):
        self.socket.close()


@pytest.fixture
def manager(tmp_path):
    m = Manager(tmp_path)
    yield m
    m.close()


@pytest.fixture
def daemon(fleet):
    """Not started yet."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.80'))
    return fleet.daemon('one', CONFIG, start=False)


def managed(daemon, manager, watchdog_us=None):
    daemon.wrapper = ['env', f'NOTIFY_SOCKET={manager.path}']
    if watchdog_us is not None:
        daemon.wrapper.append(f'WATCHDOG_USEC={watchdog_us}')
    return daemon


def test_ready_when_the_zones_are_read(daemon, manager):
    managed(daemon, manager).start(ready=False)
    manager.hears('READY=1')
    assert daemon.serial(ZONE) == 1  # no patience: it was said to be ready
    assert manager.listen()[0][1].startswith('STATUS='), 'says what it does before it is ready'


def test_ready_in_spite_of_a_bad_zone(daemon, manager):
    """One zone's mistake keeps nobody waiting."""
    save(daemon.fleet.path(ZONE), 'what is this\n')
    managed(daemon, manager).start(ready=False)
    manager.hears('READY=1')
    assert daemon.ask(ZONE, 'SOA').rcode() == 2


def test_status_tells_of_zones_and_settling(daemon, manager):
    managed(daemon, manager).start()
    manager.hears('STATUS=1 zone, 1 serving, 1 settled')
    save(daemon.fleet.path(ZONE), 'what is this\n')
    daemon.says('error')
    save(daemon.fleet.path(ZONE), zone_text(1, 'www A 192.0.2.81'))
    daemon.shows('www.' + ZONE, 'A', '192.0.2.81')  # for a minute and 5 s, somebody may have the old answer
    manager.hears('STATUS=1 zone, 1 serving, 0 settled')


def test_the_watchdog_is_fed(daemon, manager):
    managed(daemon, manager, WATCHDOG_US).start()

    def fed():
        before = manager.values('WATCHDOG').count('1')
        manager.hears('WATCHDOG=1', times=before + 8)
        beats = [at for at, line in manager.listen() if line == 'WATCHDOG=1'][before:]
        worst = max(b - a for a, b in zip(beats, beats[1:]))
        assert worst < WATCHDOG_US / 1e6, f'{worst} s between two beats'

    unless_stalled(fed)


def test_no_beat_that_nobody_wants(daemon, manager):
    managed(daemon, manager).start()
    manager.hears('STATUS=1 zone, 1 serving, 1 settled')
    assert manager.values('WATCHDOG') == []


def test_a_worker_that_hangs_is_not_covered_up(daemon, manager):
    """One thread stops for good: no beat comes any more, though the keeper goes on."""
    managed(daemon, manager, WATCHDOG_US).start()
    manager.hears('WATCHDOG=1', times=2)
    thread = worker_thread(daemon)
    helper = subprocess.Popen(['strace', '-qq', '-e', 'inject=epoll_wait,epoll_pwait:delay_enter=4000000', '-o', '/dev/null', '-p',
                               str(thread)], env=ENVIRONMENT)
    try:
        until(lambda: no_beat(manager, 1.5 * WATCHDOG_US / 1e6), 'the beat stops')
        assert daemon.ctl('status').returncode == 0, 'the keeper goes on'
    finally:
        helper.terminate()
        helper.wait(20)
    manager.hears('WATCHDOG=1', times=manager.values('WATCHDOG').count('1') + 1)


def worker_thread(daemon):
    """The one that wakes up when there are questions."""
    tasks = f'/proc/{daemon.pid()}/task'

    def switches(tid):
        with open(f'{tasks}/{tid}/status', encoding='ascii') as f:
            return sum(int(line.split()[1]) for line in f if 'ctxt_switches' in line)

    before = {t: switches(t) for t in os.listdir(tasks) if int(t) != daemon.pid()}
    for _ in range(100):
        assert daemon.serial(ZONE) == 1
    return max(before, key=lambda t: switches(t) - before[t])


def no_beat(manager, seconds):
    beats = [at for at, line in manager.listen() if line == 'WATCHDOG=1']
    return time.monotonic() - beats[-1] > seconds


def test_reloading_and_stopping(daemon, manager):
    managed(daemon, manager).start()
    manager.hears('READY=1')
    daemon.signal(signal.SIGHUP)
    manager.hears('RELOADING=1')
    manager.hears('READY=1', times=2)
    assert daemon.ctl('reload').returncode == 0
    manager.hears('READY=1', times=3)
    daemon.stop()
    manager.hears('STOPPING=1')
    order = [line for _, line in manager.listen() if not line.startswith('STATUS=')]
    assert order == ['READY=1', 'RELOADING=1', 'READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1']


def test_a_reload_says_what_needs_a_restart(daemon):
    daemon.start()
    daemon.server = ', user: nobody, tcp-idle: 5s'
    daemon.configure(CONFIG + 'cache: { size: 32M }\n')
    assert daemon.ctl('reload').returncode == 0
    for what in ('user of server', 'tcp limits of server', 'cache'):
        daemon.says(f'{what} has changed: that needs a restart')
    assert 'threads of server has changed' not in daemon.said()


def test_nobody_listens_to_notifications(daemon, tmp_path):
    """A manager that went away is no reason to stop."""
    daemon.wrapper = ['env', f'NOTIFY_SOCKET={tmp_path}/nobody', 'WATCHDOG_USEC=400000']
    daemon.start()
    assert daemon.serial(ZONE) == 1


class Activated(Daemon):
    """A daemon that gets its sockets from us, as from systemd: descriptors from 3 on, LISTEN_FDS, LISTEN_PID. The configuration's
    `listen` is another port, where nobody must answer."""

    def __init__(self, fleet, name, sockets, config=CONFIG, threads=1):
        self.sockets = sockets
        super().__init__(fleet, name, config, '')
        self.elsewhere = self.port
        text = self.config.read_text(encoding='utf-8')
        self.config.write_text(text.replace('threads: 1', f'threads: {threads}'), encoding='utf-8')
        self.port = sockets[0].getsockname()[1]
        fleet.daemons.append(self)

    def start(self, ready=True):
        high = [fcntl.fcntl(s, fcntl.F_DUPFD, 100) for s in self.sockets]  # out of the way of 3, 4, ...
        # LISTEN_PID is the shell's, and after exec the daemon's
        words = ' '.join(f'{3 + i}<&{n} {n}<&-' for i, n in enumerate(high))
        script = f'exec {words}; LISTEN_PID=$$ LISTEN_FDS={len(high)} exec "$0" "$@"'
        self.stopping = False
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(['bash', '-c', script, SETTLED, '-c', self.config], stdin=subprocess.DEVNULL, stderr=log,
                                            stdout=log, env=ENVIRONMENT, pass_fds=high)
        for n in high:
            os.close(n)
        return self


def bound(kind, where, port):
    s = socket.socket(socket.AF_INET6 if ':' in where else socket.AF_INET, kind)
    if s.family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((where, port))
    if kind == socket.SOCK_STREAM:
        s.listen(64)
    return s


@pytest.fixture
def sockets():
    """UDP and TCP, IPv4 and IPv6, on every address, as settled.socket has them."""
    port = free_port()
    made = [bound(kind, where, port) for where in ('0.0.0.0', '::') for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
    yield made
    for s in made:
        s.close()


def activated(fleet, sockets, threads=1):
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.80'))
    return Activated(fleet, 'activated', sockets, threads=threads)


@pytest.mark.parametrize('threads', [1, 3])
def test_sockets_handed_over(fleet, sockets, threads):
    d = activated(fleet, sockets, threads).start()
    d.says("listening on the service manager's sockets")
    d.says('ready')
    for where in ('127.0.0.1', '::1', '127.0.0.2'):
        for tcp in (False, True):
            for _ in range(20):
                answer = d.ask('www.' + ZONE, 'A', tcp=tcp, where=where)
                assert answer is not None and answer.answer[0][0].address == '192.0.2.80', (where, tcp)
    here, d.port = d.port, d.elsewhere
    assert d.ask('www.' + ZONE, 'A', seconds=0.3) is None, '`listen` is not used'
    d.port = here


def test_questions_wait_in_the_socket(fleet, sockets):
    """Asked before the start, and while it is away after kill -9: the sockets are the manager's, so nothing is lost."""
    d = activated(fleet, sockets)
    for _ in range(3):
        asking = subprocess.Popen(['dig', '@127.0.0.1', '-p', str(d.port), 'www.' + ZONE, '+tries=1', '+time=30', '+short'],
                                  stdout=subprocess.PIPE, text=True)
        by_tcp = subprocess.Popen(['dig', '@::1', '-p', str(d.port), 'www.' + ZONE, '+tries=1', '+time=30', '+short', '+tcp'],
                                  stdout=subprocess.PIPE, text=True)
        time.sleep(0.2)  # both questions are in the kernel's hands
        d.start()
        assert asking.communicate(timeout=40)[0] == '192.0.2.80\n'
        assert by_tcp.communicate(timeout=40)[0] == '192.0.2.80\n'
        d.kill()


def test_a_secondary_comes_back_without_its_primary(fleet, sockets):
    """What it has on disk is read before it answers: who asked while it was away gets data, not SERVFAIL."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.80'))
    primary = fleet.daemon('primary', CONFIG.replace(' }]', ', transfer: localhost }]'))
    d = Activated(fleet, 'secondary', sockets, f'zones: [{{ name: {ZONE}, role: secondary, primaries: ["{fleet.at("primary")}"] }}]\n')
    d.start().serves(ZONE, 1)
    primary.stop()
    for _ in range(3):
        d.kill()
        asking = subprocess.Popen(['dig', '@127.0.0.1', '-p', str(d.port), 'www.' + ZONE, '+tries=1', '+time=30', '+short'],
                                  stdout=subprocess.PIPE, text=True)
        time.sleep(0.2)
        d.start()
        assert asking.communicate(timeout=40)[0] == '192.0.2.80\n'


def test_systemds_own_activation(fleet):
    """systemd-socket-activate starts it at the first packet, which is answered, too."""
    save(fleet.path(ZONE), zone_text(1, 'www A 192.0.2.80'))
    d = fleet.daemon('activated', CONFIG, start=False)
    port = free_port()
    d.wrapper = ['systemd-socket-activate', '-d', '-l', f'127.0.0.1:{port}', '-l', f'[::1]:{port}',
                 'systemd-socket-activate', '-l', f'127.0.0.1:{port}', '-l', f'[::1]:{port}']
    d.start(ready=False)
    d.says(r'Listening on .*\[?::1')
    assert ": ready\n" not in d.said()
    d.port = port
    assert d.ask('www.' + ZONE, 'A', seconds=40).answer[0][0].address == '192.0.2.80'
    for where in ('127.0.0.1', '::1'):
        assert d.ask('www.' + ZONE, 'A', where=where) is not None
        assert d.ask('www.' + ZONE, 'A', where=where, tcp=True) is not None


def test_a_socket_that_is_none(tmp_path):
    """A descriptor that is no UDP or TCP socket: a sentence and exit code 1."""
    config = tmp_path / 'settled.conf'
    config.write_text('server: { state: state }\ncontrol: { socket: control.sock }\n', encoding='ascii')
    got = run('bash', '-c', f'exec 3</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec {SETTLED} -c {config}')
    assert got.returncode == 1
    assert 'service manager' in got.stderr
