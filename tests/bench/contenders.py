"""contenders.py - servers of all makes, set up to be fast, with the zones of a data set; and what they use of the machine."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'interop'))

import makes  # noqa: E402
from daemons import Daemon, Settled  # noqa: E402

ADDRESS = '127.0.0.1'
FLOOD_MOST = 60  # seconds that one run of the generator may take
CONTROL_MOST = 60  # seconds that a server's control program is waited for


class Echo(Daemon):
    """The ceiling: packets in, packets out."""

    make, most_read, package = 'echo', 32, None

    def command(self):
        return [str(self.flood), 'echo', self.address, str(self.port)]


class OurBest(Settled):
    most_read, package = 32, None

    def serve(self, data, threads):
        self.threads = threads
        self.zones.mkdir()
        for zone, path in data.zones:
            os.link(path, self.zones / path.name)
        self.configure([f'name: {zone}, role: primary, file: {path.name}' for zone, path in data.zones])

    def place(self, zone):
        return self.zones / f'{zone}.zone'

    def reread(self, zone):
        pass  # it has seen the file


class Peer:
    """`most_read`: packets it takes with one system call, as its Debian package does. `changes`: words in the configuration of
    tests/interop, and what takes their place here."""

    changes, more, config = {}, '', None

    def serve(self, data, threads):
        for zone, path in data.zones:
            os.link(path, self.dir / self.file_of(zone))
        self.workers = threads
        self.configure([self.primary_zone(zone, ()) for zone, _ in data.zones])
        path = self.dir / self.config
        text = path.read_text(encoding='ascii')
        for old, new in self.changes.items():
            assert old in text, old
            text = text.replace(old, new.format(threads=threads))
        path.write_text(text + self.more, encoding='ascii')

    def place(self, zone):
        return self.dir / self.file_of(zone)


class Knot(Peer, makes.Knot):
    most_read, package, config = 10, 'knot', 'knot.conf'
    changes = {'udp-workers: 1': 'udp-workers: {threads}', 'tcp-workers: 1': 'tcp-workers: {threads}',
               'background-workers: 1': 'background-workers: 2', 'semantic-checks: soft': 'semantic-checks: off',
               'zonefile-load: difference': 'zonefile-load: whole', 'journal-content: changes': 'journal-content: none'}


class Nsd(Peer, makes.Nsd):
    most_read, package, config = 1, 'nsd', 'nsd.conf'
    changes = {'server-count: 1': 'server-count: {threads}'}


class Bind(Peer, makes.Bind):
    most_read, package, config = 20, 'bind9', 'named.conf'  # libuv reads twenty at a time
    changes = {'ixfr-from-differences yes; ': ''}


class PowerDns(Peer, makes.PowerDns):
    most_read, package, config = 1, 'pdns-server', 'pdns.conf'
    # nothing to do beside answering, as the others have: no rounds of all zones each second
    changes = {'primary=yes': 'primary=no', 'secondary=yes': 'secondary=no', 'xfr-cycle-interval=1': 'xfr-cycle-interval=60',
               'receiver-threads=1': 'receiver-threads={threads}'}
    # as its makers ship it: the tests that this configuration is from want no caches
    more = '\ncache-ttl=20\nquery-cache-ttl=20\nnegquery-cache-ttl=60\nzone-cache-refresh-interval=300\n'

    def reread(self, zone):
        """pdns_control waits for the end of the reading, but no longer than some seconds. Then the server reads on, and its new answer
        is waited for as long as any edit's."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(['/usr/bin/pdns_control', f'--config-dir={self.dir}', f'--socket-dir={self.dir}',
                            'bind-reload-now', zone], check=False, timeout=CONTROL_MOST, capture_output=True)


PEERS = {make.make: make for make in (Knot, Nsd, Bind, PowerDns)}
MAKES = {'echo': Echo, 'settled': OurBest, **PEERS}
ALL = list(MAKES)


def contender(make, build, top, data, threads=1):
    """Configured, not started."""
    directory = pathlib.Path(top, f'{data.name}-{make}-{threads}')
    directory.mkdir()
    if make == 'echo':
        server = Echo(directory, ADDRESS)
        server.flood = build / 'tests' / 'bench' / 'flood'
        return server
    server = OurBest(build, directory, ADDRESS) if make == 'settled' else PEERS[make](directory, ADDRESS)
    server.serve(data, threads)
    return server


def version(make, build):
    """As the package, or the build, calls itself."""
    if make == 'echo':
        return ''
    if make == 'settled':
        said = subprocess.run([build / 'settled', '--version'], capture_output=True, text=True, check=True, timeout=60).stdout
        return re.search(r'\d\S*', said).group()
    said = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', PEERS[make].package], capture_output=True, text=True,
                          check=True, timeout=60).stdout
    return re.sub(r'^\d+:|[-+~].*', '', said)


# ---- what it uses ----

def processes(server):
    """Of the server's session, by their directories in /proc."""
    found = []
    for process in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            if int((process / 'stat').read_text().rpartition(')')[2].split()[3]) == server.process.pid:
                found.append(process)
        except (OSError, IndexError):
            continue  # it has just ended
    return found


def cpu_ns(server):
    """Of all its threads, those that have ended included."""
    total = 0
    for process in processes(server):
        try:
            total += time.clock_gettime_ns(~int(process.name) << 3 | 2)  # as clock_getcpuclockid(3) has it
        except OSError:
            continue
    return total


def waited_ns(server):
    """How long its threads could run, and somebody else had the CPU."""
    total = 0
    for process in processes(server):
        try:
            total += sum(int((task / 'schedstat').read_text().split()[1]) for task in (process / 'task').iterdir())
        except OSError:
            continue
    return total


def memory(server):
    """Octets; what processes share counts once."""
    total = 0
    for process in processes(server):
        try:
            total += 1024 * int(re.search(r'^Pss:\s+(\d+)', (process / 'smaps_rollup').read_text(), re.M).group(1))
        except (OSError, AttributeError):
            continue
    return total


def reads_of(server, words):
    """Runs a program; gives what it printed, and how often the server meanwhile asked its sockets for packets (None: perf
    cannot tell)."""
    pids = ','.join(p.name for p in processes(server))
    events = ','.join(f'syscalls:sys_enter_{call}' for call in ('recvmmsg', 'recvmsg', 'recvfrom'))
    seen = server.dir / 'perf'
    perf = ['perf', 'stat', '-x', ';', '-o', seen, '-e', events, '-p', pids, '--']
    probe = subprocess.run(['perf', 'stat', '-e', events, 'true'], capture_output=True, check=False)
    can = probe.returncode == 0
    said = run([str(w) for w in [*(perf if can else []), *words]])
    if not can:
        return said, None
    counts = re.findall(r'^(\d+);', seen.read_text(), re.M)
    return said, sum(int(n) for n in counts)


def run(words):
    """What it prints. Who takes too long is ended, with what it started; so is who was not waited for."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            said = process.communicate(timeout=FLOOD_MOST)[0]
        except BaseException:  # an interrupt reaches only our own group
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, words)
    return said
