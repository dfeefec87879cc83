"""fleet.py - settled processes on loopback, each with a directory, a configuration and a log of its own.

Nothing here measures time: whatever takes a while is looked at every few milliseconds until PATIENCE is used up, which only
happens when something is broken. Every process is stopped at the end by its own id, must then leave with exit code 0, and no
sanitizer may have spoken.
"""

import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rdatatype

PATIENCE = 40  # seconds
PAUSE = 0.005  # between two looks
STALL = 0.3  # seconds
ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('SETTLED_BUILD', ROOT / 'build-gcc')).resolve()
SETTLED, SETTLECTL = BUILD / 'settled', BUILD / 'settlectl'
SANITIZERS = {
    'ASAN_OPTIONS': 'detect_leaks=1:exitcode=99:strict_string_checks=1',
    'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1',
    'LSAN_OPTIONS': 'exitcode=98',
}
ENVIRONMENT = {**os.environ, **SANITIZERS}
QUICK = {**ENVIRONMENT, 'ASAN_OPTIONS': SANITIZERS['ASAN_OPTIONS'].replace('detect_leaks=1', 'detect_leaks=0')}
used_ports, checked_words = set(), set()


def unless_stalled(do):
    """What do() gives. It is about time: if it fails, and this process meanwhile stood still, it proved nothing and is done anew."""
    for left in range(5, -1, -1):
        over, longest = threading.Event(), [0.0]

        def watch(over=over, longest=longest):
            last = time.monotonic()
            while not over.wait(0.02):
                now = time.monotonic()
                longest[0], last = max(longest[0], now - last), now

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            return do()
        except Exception:
            time.sleep(0.1)  # the thread sees it, too
            if left == 0 or longest[0] < STALL:
                raise
        finally:
            over.set()
            thread.join()


def until(condition, what, seconds=PATIENCE):
    """The first true value of condition(); fails with the sentence `what` when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f'{what}: not within {seconds} s'
        time.sleep(PAUSE)


def free_port():
    """A port that nobody has, for UDP and TCP, IPv4 and IPv6. Below those the kernel hands out by itself, so that it stays free
    while its daemon is away; tests/interop, which may run at the same time, takes those from 21000 on."""
    while True:
        port = random.SystemRandom().randrange(10240, 21000)
        if port not in used_ports and all(is_free(port, family, kind) for family in (socket.AF_INET, socket.AF_INET6)
                                          for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
            used_ports.add(port)
            return port


def is_free(port, family, kind):
    with socket.socket(family, kind) as s:
        try:
            s.bind(('::1' if family == socket.AF_INET6 else '127.0.0.1', port))
        except OSError:
            return False
    return True


def run(*words, seconds=60, env=None, cwd=None):
    """A program that is expected to end by itself; what it said stands in stdout and stderr."""
    return subprocess.run([str(w) for w in words], text=True, capture_output=True, timeout=seconds, check=False, cwd=cwd,
                          env=env or ENVIRONMENT)


class Daemon:
    """One settled: started, asked, ordered about, stopped or killed, started again."""

    def __init__(self, fleet, name, config, server=''):
        self.fleet, self.name, self.port = fleet, name, fleet.port(name)
        self.dir = fleet.dir / name
        self.dir.mkdir()
        self.config, self.log = self.dir / 'settled.conf', self.dir / 'log'
        self.server = server
        self.process, self.stopping = None, False
        self.wrapper = []
        self.configure(config)

    def configure(self, config):
        listen = f'listen: [127.0.0.1@{self.port}, "[::1]:{self.port}"]'
        save(self.config, f'server: {{ {listen}, threads: 1, state: state, zones: {self.fleet.zones}{self.server} }}\n'
             f'control: {{ socket: control.sock }}\nlog: {{ level: debug }}\n{config}')

    def start(self, ready=True):
        before, self.stopping = len(self.said()), False
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([*self.wrapper, SETTLED, '-c', self.config], stdin=subprocess.DEVNULL, stderr=log, stdout=log,
                                            env=ENVIRONMENT)
        if ready:
            until(lambda: ': ready\n' in self.said()[before:] or self.process.poll() is not None, f'{self.name} is ready')
            assert self.process.poll() is None, f'{self.name} did not start:\n{self.said()[before:]}'
        return self

    def pid(self):
        return self.process.pid

    def signal(self, number):
        os.kill(self.pid(), number)

    def stop(self):
        """SIGTERM; it must leave with 0."""
        if self.process is not None:
            self.terminate()
            self.left(0)

    def terminate(self):
        if self.process is not None and not self.stopping and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.stopping = True

    def left(self, code):
        """It has ended, or is about to, with this exit code."""
        try:
            got = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f'{self.name} did not stop') from None
        self.process = None
        assert got == code, f'{self.name}: exit code {got}, not {code}:\n{self.said()[-3000:]}'
        self.sane()

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)
            self.process = None

    def sane(self):
        text = self.said()
        assert 'Sanitizer' not in text and 'runtime error:' not in text, f'{self.name}:\n{text[-6000:]}'

    def said(self):
        """The whole log so far."""
        return self.log.read_text(encoding='utf-8', errors='replace') if self.log.exists() else ''

    def says(self, pattern, since=0):
        """Waits for a log line that matches and returns the match."""
        return until(lambda: re.search(pattern, self.said()[since:]), f'{self.name} logs {pattern!r}')

    def ctl(self, *words, seconds=60):
        """settlectl; its exit code is in returncode, all it printed in text. Leaks are looked for at the first use of a command:
        it takes most of the time."""
        kind = tuple(w for w in words if isinstance(w, str) and w.isalpha())[:1]
        done = run(SETTLECTL, '-c', self.config, *words, seconds=seconds, env=QUICK if kind in checked_words else ENVIRONMENT)
        checked_words.add(kind)
        done.text = done.stdout + done.stderr
        assert 'Sanitizer' not in done.text and 'runtime error:' not in done.text, done.text
        return done

    def done(self, *words, seconds=60):
        """settlectl that has to succeed: what it printed."""
        got = self.ctl(*words, seconds=seconds)
        assert got.returncode == 0, f'{self.name}: settlectl {" ".join(map(str, words))}: {got.returncode}\n{got.text}'
        return got.stdout

    def json(self, *words, code=0, seconds=60):
        got = self.ctl('--json', *words, seconds=seconds)
        assert got.returncode == code, f'{self.name}: settlectl --json {" ".join(map(str, words))}: {got.returncode}\n{got.text}'
        return json.loads(got.stdout)

    def status(self, zone):
        return self.json('status', zone)

    def ask(self, name, kind='A', tcp=False, seconds=3, rd=True, where='127.0.0.1', **options):
        """One question. None: no answer in time."""
        question = dns.message.make_query(name, kind, **options)
        if not rd:
            question.flags &= ~dns.flags.RD
        return self.send(question, tcp, seconds, where)

    def send(self, question, tcp=False, seconds=3, where='127.0.0.1'):
        try:
            return (dns.query.tcp if tcp else dns.query.udp)(question, where, timeout=seconds, port=self.port)
        except (dns.exception.Timeout, OSError, EOFError):
            return None

    def values(self, name, kind='A', **options):
        """The rdata of the answer of this type, sorted; [] when there is none."""
        answer = self.ask(name, kind, **options)
        sets = [] if answer is None else [s for s in answer.answer if s.rdtype == dns.rdatatype.from_text(kind)]
        return sorted(r.to_text() for s in sets for r in s)

    def serial(self, zone):
        """By its SOA answer; None: none."""
        soa = self.values(zone, 'SOA', seconds=1)
        return int(soa[0].split()[2]) if soa else None

    def dig(self, *words):
        return run('dig', '@127.0.0.1', '-p', self.port, '+tries=1', '+time=5', *words).stdout

    def shows(self, name, kind, value):
        until(lambda: self.values(name, kind, seconds=1) == [value], f'{self.name} shows {name} {kind} {value}')

    def serves(self, zone, serial):
        until(lambda: self.serial(zone) == serial, f'{self.name} serves {zone} {serial}')


class Fleet:
    """The daemons of a test and the directory of their zone files."""

    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.zones = self.dir / 'zones'
        self.zones.mkdir()
        self.ports, self.daemons = {}, []

    def port(self, name):
        if name not in self.ports:
            self.ports[name] = free_port()
        return self.ports[name]

    def at(self, name):
        """Where a daemon listens, or will, as a configuration says it."""
        return f'127.0.0.1@{self.port(name)}'

    def daemon(self, name, config, server='', start=True):
        d = Daemon(self, name, config, server)
        self.daemons.append(d)
        return d.start() if start else d

    def path(self, zone):
        return self.zones / f'{zone}.zone'

    def stop(self):
        troubles = []
        for d in self.daemons:
            d.terminate()
        for d in self.daemons:
            try:
                d.stop()
                d.sane()
            except AssertionError as e:
                troubles.append(str(e))
            finally:
                d.kill()
        assert not troubles, '\n'.join(troubles)

    def logs(self):
        return '\n'.join(f'--- {d.name} (port {d.port})\n{d.said()[-6000:]}' for d in self.daemons)


def zone_text(serial, *lines, timers='1h 15m 2w', negative='2s', ttl='1m'):
    """A small zone that has nothing wrong with it."""
    return '\n'.join([f'$TTL {ttl}', f'@ SOA ns1 hostmaster {serial} {timers} {negative}', '@ NS ns1', 'ns1 A 192.0.2.1', *lines]) + '\n'


def save(path, text):
    """As most editors do: a new file, renamed over the old one."""
    new = path.with_name(path.name + '.new')
    new.write_text(text, encoding='utf-8')
    os.rename(new, path)


class Trio:
    """A primary, a secondary and a cache of one zone."""

    def __init__(self, fleet, zone='example.com', text=None, more='', secondary='', cache=''):
        self.zone, self.path = zone, fleet.path(zone)
        save(self.path, text or zone_text(1, 'www A 192.0.2.80'))
        self.primary = fleet.daemon('primary', f'''
peers:
  - {{ name: secondary, address: {fleet.at('secondary')} }}
  - {{ name: cache, address: {fleet.at('cache')}, kind: cache }}
zones:
  - {{ name: {zone}, role: primary, file: {zone}.zone, notify: [secondary, cache], transfer: [secondary, cache]{more} }}
''')
        self.secondary = fleet.daemon('secondary', f'''
peers: [{{ name: primary, address: {fleet.at('primary')} }}]
zones: [{{ name: {zone}, role: secondary, primaries: [primary]{secondary} }}]
''')
        self.cache = fleet.daemon('cache', f'''
peers: [{{ name: primary, address: {fleet.at('primary')} }}]
zones: [{{ name: {zone}, role: cache, primaries: [primary]{cache} }}]
''')
        self.all = (self.primary, self.secondary, self.cache)
        for d in self.all:
            until(lambda d=d: d.serial(zone) is not None, f'{d.name} serves')

    def shows(self, name, kind, value):
        for d in self.all:
            d.shows(name, kind, value)

    def save(self, serial, *lines):
        save(self.path, zone_text(serial, *lines))
