"""daemons.py - one server process in a directory and on a loopback address of its own: started, asked, stopped.

Nothing here measures time: whatever takes a while is waited for with PATIENCE, which only a broken server uses up.
"""

import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.zone

PATIENCE = 60  # seconds
PAUSE = 0.02  # between two looks
used_ports = set()
ZONES = pathlib.Path(__file__).resolve().parents[2] / 'zones'


def wait_until(condition, what):
    """The first true value of condition(); fails with the sentence `what` when there is none in time."""
    end = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f'{what}: not within {PATIENCE} s'
        time.sleep(PAUSE)


def free_port(address):
    """A port that nobody has at this address, for UDP and TCP, or gets from here. Below those the kernel hands out by itself."""
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    while True:
        port = random.SystemRandom().randrange(21000, 32000)
        if port not in used_ports and all(is_free(family, kind, address, port) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
            used_ports.add(port)
            return port


def is_free(family, kind, address, port):
    with socket.socket(family, kind) as s:
        try:
            s.bind((address, port))
        except OSError:
            return False
    return True


class Daemon:
    """A server of any make. Subclasses say how it is configured (configure) and called (command)."""

    make = None
    kind = 'secondary'  # what it is to a server of ours that has it as a peer

    def __init__(self, top, address, name=None):
        self.name = name or self.make
        self.address, self.port = address, free_port(address)
        self.dir = pathlib.Path(top, self.name)
        self.dir.mkdir()
        self.process = None

    def __repr__(self):
        return self.name

    @property
    def at(self):
        return f'{self.address}@{self.port}'

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text, encoding='ascii')
        return path

    def command(self):
        raise NotImplementedError

    def start(self):
        with open(self.dir / 'log', 'ab') as log:
            self.process = subprocess.Popen(self.command(), cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        return self

    def log(self):
        return (self.dir / 'log').read_text(encoding='utf-8', errors='replace')

    def check_alive(self):
        assert self.process.poll() is None, f'{self.name} ended with {self.process.returncode}:\n{self.log()}'

    def wait_for(self, zone, serial=None):
        """Until it answers for the zone with authority, from this serial on."""

        def there():
            self.check_alive()
            seen = self.serial(zone)
            return seen is not None and (serial is None or seen >= serial)

        wait_until(there, f'{self.name} serves {zone} {serial or ""}')

    def wait_ready(self):
        """Until it answers at all."""
        wait_until(lambda: self.check_alive() or self.answer('version.bind', 'TXT', rdclass='CH'), f'{self.name} answers')

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Ends it, and what it started; gives the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # a session of its own: nobody else is in it
        except ProcessLookupError:
            pass
        return self.process.wait()

    def ask(self, name, kind, tcp=False, rd=False, address=None, **options):
        """One answer, whatever it says. A datagram may be lost, so the question is repeated."""
        question = dns.message.make_query(name, kind, **options)
        if not rd:
            question.flags &= ~dns.flags.RD
        send = dns.query.tcp if tcp else dns.query.udp
        for _ in range(8):
            try:
                return send(question, address or self.address, timeout=PATIENCE / 8, port=self.port)
            except (dns.exception.Timeout, ConnectionError, EOFError):
                self.check_alive()
        raise AssertionError(f'{self.name} does not answer {name} {kind}')

    def answer(self, name, kind, **options):
        """One answer, or None: one look, no patience. A port where nobody listens is seen at once."""
        question = dns.message.make_query(name, kind, **options)
        question.flags &= ~dns.flags.RD
        with socket.socket(socket.AF_INET6 if ':' in self.address else socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            try:
                s.connect((self.address, self.port))
                s.send(question.to_wire())
                answer = dns.message.from_wire(s.recv(4096))
            except (OSError, dns.exception.DNSException):
                return None
        return answer if question.is_response(answer) else None

    def serial(self, zone):
        """The serial it answers with authority; None: no such answer."""
        answer = self.answer(zone, 'SOA')
        if answer is None or not answer.answer or not answer.flags & dns.flags.AA:
            return None
        return answer.answer[0][0].serial

    def transfer(self, zone):
        """All records of the zone, by AXFR: {(owner, type, TTL, rdata)}, names as they are compared."""
        records, origin = set(), dns.name.from_text(zone)
        for message in dns.query.xfr(self.address, origin, port=self.port, relativize=False, timeout=PATIENCE,
                                     lifetime=PATIENCE):
            records |= records_of(message.answer)
        return records


def records_of(section, ttl=True):
    """The records of a section as a set: what is equal in DNS is equal here."""
    return {(rrset.name, rrset.rdtype, rrset.ttl if ttl else 0, rdata) for rrset in section for rdata in rrset}


class Settled(Daemon):
    """Ours. `zones` is the text under `zones:`, each line one zone; `peers` the servers it knows by name."""

    make = 'settled'
    threads = 2

    def __init__(self, build, top, address, name='settled'):
        super().__init__(top, address, name)
        self.build = build
        self.zones = self.dir / 'zones'
        self.listen = [self.at]

    def dual(self):
        """Has it listen on ::1, too."""
        while not all(is_free(socket.AF_INET6, kind, '::1', self.port) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
            self.port = free_port(self.address)
        self.listen = [self.at, f'[::1]:{self.port}']
        return self

    def configure(self, zones, peers=(), extra=''):
        lines = [f'  - {{ name: {p.name}, address: "{p.at}", via: "{self.address_towards(p)}", kind: {p.kind} }}'
                 for p in peers]
        listen = ', '.join(f'"{at}"' for at in self.listen)
        self.write('settled.conf', '\n'.join([
            f'server: {{ listen: [{listen}], threads: {self.threads}, state: state, zones: zones }}',
            'control: { socket: control.sock }',
            *(['peers:', *lines] if lines else []),
            'zones:', *(f'  - {{ {zone} }}' for zone in zones), extra, '']))
        return self

    def address_towards(self, other):
        return '::1' if ':' in other.address else self.address

    def take_zones(self, *sources):
        """Copies zone files, or a directory of them, so that they can be edited."""
        self.zones.mkdir(exist_ok=True)
        for source in sources:
            for path in source.iterdir() if source.is_dir() else [source]:
                if path.suffix in ('.zone', '.inc'):
                    shutil.copy(path, self.zones)
        return self

    def wait_ready(self):
        wait_until(lambda: self.check_alive() or ': ready\n' in self.log(), f'{self.name} is ready')

    def command(self):
        return [str(self.build / 'settled'), '-c', str(self.dir / 'settled.conf')]

    def ctl(self, *words):
        return subprocess.run([str(self.build / 'settlectl'), '-c', str(self.dir / 'settled.conf'), *words],
                              capture_output=True, text=True, timeout=3 * PATIENCE, check=False)

    def stop(self):
        code = super().stop()
        log = self.log()
        assert code == 0 and 'Sanitizer' not in log, f'{self.name} ended with {code}:\n{log}'
        return code
