"""tools/show.py BUILD [--once] - three settled processes on loopback and an edit that travels through them, shown as it happens.

The zones are copied to a temporary directory, so that the edits made here touch nothing of the source tree. With --once the exit code
is 0 only if everything that the text says was seen to be true; without it the three go on serving until Ctrl-C.
"""

import functools
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import dns.exception
import dns.message
import dns.rdatatype

EDITS = 50
AIM_MS = 20  # save to served at the secondary, median
ZONE, NAME = 'example.com', 'www.example.com'
OLD, NEW = '192.0.2.80', '192.0.2.99'
PATIENCE = 30  # seconds for things that take milliseconds


class Failed(Exception):
    """Something that the show says is not true."""


def must(true, sentence):
    if not true:
        raise Failed(sentence)


class Asker:
    """One socket: quick, so that watching does not hold up what is watched."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(('127.0.0.1', port))
        self.socket.settimeout(1.0)
        self.number = 0
        self.known = {}  # what an answer's octets say

    def ask(self, *questions):
        """Asks (name, type) after (name, type) and then takes the answers: the rdata of each as text, or None."""
        first, answers = self.number, [None] * len(questions)
        try:
            for name, kind in questions:
                self.socket.send(self.number.to_bytes(2, 'big') + question(name, kind))
                self.number = (self.number + 1) & 0xffff
            missing = len(questions)
            while missing > 0:
                got = self.socket.recv(4096)
                which = (int.from_bytes(got[:2], 'big') - first) & 0xffff
                if which < len(questions):  # else an answer that came too late
                    answers[which] = self.text(got, questions[which][1])
                    missing -= 1
        except (OSError, dns.exception.DNSException):
            pass
        return answers

    def text(self, got, kind):
        rest = got[2:]
        if rest not in self.known:
            sets = [s for s in dns.message.from_wire(got).answer if s.rdtype == dns.rdatatype.from_text(kind)]
            self.known[rest] = sets[0][0].to_text() if sets else None
        return self.known[rest]

    def address(self):
        return self.ask((NAME, 'A'))[0]

    def both(self):
        """Serial and address of one moment: the serial was the same before and after the address; else None."""
        before, address, after = self.ask((ZONE, 'SOA'), (NAME, 'A'), (ZONE, 'SOA'))
        return None if address is None or after is None or before != after else (int(after.split()[2]), address)

    def close(self):
        self.socket.close()


@functools.lru_cache
def question(name, kind):
    return dns.message.make_query(name, kind, id=0).to_wire()[2:]


class Node:
    """One settled process with its configuration and state in a directory of its own."""

    def __init__(self, top, build, name, port, config):
        self.name, self.port, self.build = name, port, build
        self.dir = os.path.join(top, name)
        os.mkdir(self.dir)
        self.config, self.log = os.path.join(self.dir, 'settled.conf'), os.path.join(self.dir, 'log')
        self.process = None
        with open(self.config, 'w', encoding='ascii') as f:
            f.write(f'server: {{ listen: [127.0.0.1@{port}], state: state, threads: 1, zones: ../zones, nsid: {name} }}\n'
                    f'control: {{ socket: control.sock }}\n{config}')

    def start(self):
        # A session of its own: Ctrl-C is for us, and we stop it in good order.
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([os.path.join(self.build, 'settled'), '-c', self.config], stderr=log,
                                            stdin=subprocess.DEVNULL, start_new_session=True)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def command(self, *words):
        return [os.path.join(self.build, 'settlectl'), '-c', self.config, *words]

    def settlectl(self, *words):
        """Shown as it would be typed. Its exit code and text."""
        print(f'  $ settlectl {" ".join(words)}')
        done = subprocess.run(self.command(*words), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
                              check=False)
        print(indented(done.stdout))
        return done.returncode, done.stdout

    def dig(self, note=''):
        """dig's own answer section: the TTL and the address."""
        words = ['dig', '@127.0.0.1', '-p', str(self.port), NAME, 'A', '+noall', '+answer']
        print(f'  $ {" ".join(words):<66} # {self.name}{note}')
        said = subprocess.run([*words, '+tries=2', '+time=5'], text=True, capture_output=True, check=False).stdout
        print(indented(said))
        found = re.search(rf'^{re.escape(NAME)}\.\s+(\d+)\s+IN\s+A\s+(\S+)$', said, re.M)
        must(found is not None, f'the {self.name} gives dig no address')
        return int(found.group(1)), found.group(2)


def indented(text):
    return '\n'.join('  ' + line.expandtabs(8) for line in text.rstrip().split('\n'))


def title(text):
    print(f'\n{text}\n{"-" * len(text)}\n', flush=True)


def free_ports(count):
    """Ports that are free for UDP and TCP on 127.0.0.1, side by side from 5301 on."""
    for port in range(5301, 60000, count):
        if all(port_is_free(port + i) for i in range(count)):
            return [port + i for i in range(count)]
    raise Failed('no free ports on 127.0.0.1')


def port_is_free(port):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as s:
            try:
                s.bind(('127.0.0.1', port))
            except OSError:
                return False
    return True


def make_nodes(top, build, zones):
    p, s, c = free_ports(3)
    primary = f'''peers:
  - {{ name: secondary, address: 127.0.0.1@{s} }}
  - {{ name: cache, address: 127.0.0.1@{c}, kind: cache }}
defaults: {{ notify: [secondary, cache], transfer: [secondary, cache] }}
zones:
''' + ''.join(f'  - {{ name: {z}, role: primary, file: {z}.zone }}\n' for z in zones)
    secondary = f'peers: [{{ name: primary, address: 127.0.0.1@{p} }}]\nzones:\n' + ''.join(
        f'  - {{ name: {z}, role: secondary, primaries: [primary] }}\n' for z in zones)
    cache = f'peers: [{{ name: primary, address: 127.0.0.1@{p} }}]\nzones:\n' + ''.join(
        f'  - {{ name: {z}, role: cache, primaries: [primary] }}\n' for z in zones)
    return [Node(top, build, *rest) for rest in (('primary', p, primary), ('secondary', s, secondary), ('cache', c, cache))]


def until(test, sentence, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not test():
        must(time.monotonic() < end, f'{sentence}: not within {seconds} s')
        time.sleep(0.001)


def save(path, address):
    """As most editors save: a new file, renamed over the old one. The serial in it stays as it is."""
    with open(path, encoding='ascii') as f:
        text = re.sub(r'^(www\s+1m\s+A\s+)\S+', r'\g<1>' + address, f.read(), count=1, flags=re.M)
    with open(path + '.new', 'w', encoding='ascii') as f:
        f.write(text)
    os.rename(path + '.new', path)
    return time.monotonic()


class Watcher(threading.Thread):
    """Asks all servers again and again for serial and address, and notes the moments at which something has changed. In a round
    the cache is asked first and the primary last: what has reached the others is seen at the primary, too."""

    def __init__(self, nodes):
        super().__init__(daemon=True)
        self.askers = [Asker(n.port) for n in nodes]
        self.rows, self.over = [], False  # (when, [(serial, address) of each])
        self.start()

    def run(self):
        while not self.over:
            at = time.monotonic()
            row = [a.both() for a in reversed(self.askers)][::-1]
            if None not in row and (not self.rows or self.rows[-1][1] != row):
                self.rows.append((at, row))
            time.sleep(0.0005)

    def stop(self):
        self.over = True
        self.join()
        for a in self.askers:
            a.close()


def start(nodes, zones):
    title('Three servers')
    what = {'primary': 'reads the zone files', 'secondary': 'has copies of the zones', 'cache': 'keeps answers until their TTL ends'}
    for n in nodes:
        n.start()
        print(f'  {n.name:<10} 127.0.0.1 port {n.port}   {what[n.name]}')
    print(f'\n  zones: {", ".join(zones)}')
    for n in nodes:
        asker = Asker(n.port)
        until(lambda asker=asker, n=n: asker.both() is not None or n.process.poll() is not None, f'the {n.name} answers')
        must(n.process.poll() is None, f'the {n.name} did not start')
        asker.close()


def show_before(nodes):
    # What the cache took in before it first saw the zone's serial, it forgets once.
    served = subprocess.run(nodes[0].command('wait', ZONE, '--timeout', '30s'), stdout=subprocess.DEVNULL, check=False)
    must(served.returncode == 0, f'all three serve {ZONE}')
    title(f'{NAME} before the edit')
    ttls = [n.dig() for n in nodes]
    must(all(a == OLD for _, a in ttls), 'all three give the old address')
    return count_down(nodes[2], OLD, ttls[2][0])


def count_down(cache, address, ttl):
    """The TTL at the cache runs down, second by second. The last one."""
    print('\n  At the cache the TTL runs down:\n')
    for _ in range(2):
        time.sleep(1.1)
        before, (ttl, got) = ttl, cache.dig()
        must(got == address and ttl < before, f'the TTL at the cache went from {before} to {ttl}, with {got}')
    return ttl


def show_edit(nodes, path, ttl_left):
    title('The edit: a line is changed and the file saved')
    print(f'  {path}\n  - www     1m A  {OLD}\n  + www     1m A  {NEW}\n')
    watcher = Watcher(nodes)
    until(lambda: watcher.rows, 'three answers')
    first = watcher.rows[-1][1]
    serial = first[0][0]
    must(first == [(serial, OLD)] * 3, 'all three begin at the same serial')
    saved = save(path, NEW)
    words = ('wait', ZONE, '--timeout', f'{PATIENCE}s')
    waited = subprocess.run(nodes[0].command(*words), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE + 5,
                            check=False)
    returned = time.monotonic()
    time.sleep(0.1)  # nobody goes back, and who is there was seen by us, too
    watcher.stop()
    rows = [((at - saved) * 1000, row) for at, row in watcher.rows if at > saved]
    print_table(nodes, first, rows)
    print(f'\n  $ settlectl {" ".join(words)}        # started when the file was saved')
    print(indented(waited.stdout))
    print(f'  exit code {waited.returncode}, {(returned - saved) * 1000:.0f} ms after the save\n')
    must(waited.returncode == 0, 'settlectl wait returns 0')
    for i, n in enumerate(nodes):
        there = [row[i] == (serial + 1, NEW) for _, row in rows]
        must(there and there[-1], f'the {n.name} gives the new serial and address')
        must(there == sorted(there), f'the {n.name} does not go back')
    gone = next(ms for ms, row in rows if row[2][1] == NEW)
    print(f'  The cache had the old answer for {ttl_left} s more by its TTL. It forgot it after {gone:.0f} ms, because it follows the zone.')


def print_table(nodes, first, rows):
    """Who serves what, from moment to moment: what has changed is written out, what has not is a line down."""
    print('       ms  ' + ''.join(f'{n.name:<26}' for n in nodes).rstrip())
    before = [None] * len(nodes)
    for ms, row in [(0, first), *rows]:
        cells = ('|' if was == now else f'{now[0]} {now[1]}' for was, now in zip(before, row))
        print(f'  {ms:7.1f}  ' + ''.join(f'{cell:<26}' for cell in cells).rstrip())
        before = row


def show_after(nodes):
    title(f'{NAME} after the edit')
    ttls = [n.dig() for n in nodes]
    must(all(a == NEW for _, a in ttls), 'all three give the new address')
    count_down(nodes[2], NEW, ttls[2][0])
    title('Has it settled? Other caches, not ours, may keep the old answer for its TTL')
    code, said = nodes[0].settlectl('status', ZONE)
    must(code == 0 and 'peer secondary' in said and 'peer cache' in said, 'settlectl status tells of both peers')
    code, said = nodes[0].settlectl('why', NAME, 'A')
    must(code == 0 and NEW in said, 'settlectl why gives the new address')
    print('\n  (The name servers in the example\'s NS records are made up; so nobody watches those that are none of our three.)')


def measure(nodes, path):
    """Save to served, at the secondary and the cache, over EDITS edits."""
    title(f'{EDITS} edits, one after the other: from the save to the new answer')
    askers = [Asker(n.port) for n in nodes[1:]]
    times = [[], []]
    for i in range(EDITS):
        address = f'192.0.2.{100 + i}'
        time.sleep(0.11)  # what is saved faster than this is taken as one edit
        saved, missing = save(path, address), {0, 1}
        while missing:
            for which in sorted(missing):
                if askers[which].address() == address:
                    times[which].append((time.monotonic() - saved) * 1000)
                    missing.discard(which)
            must(time.monotonic() - saved < PATIENCE, f'edit {i + 1} arrives')
    for asker in askers:
        asker.close()
    for node, ms in zip(nodes[1:], times):
        ms.sort()
        print(f'  served at the {node.name:<10} median {ms[len(ms) // 2]:5.1f} ms   p99 {ms[len(ms) * 99 // 100]:5.1f} ms')
    if times[0][EDITS // 2] > AIM_MS:
        print(f'\n  The median at the secondary is above {AIM_MS} ms, what we aim for: is this machine busy?')
    print()
    code, _ = nodes[0].settlectl('wait', ZONE)
    must(code == 0, 'settlectl wait returns 0')


def serve(nodes, path):
    title('Serving until Ctrl-C. In another terminal:')
    p, c = nodes[0], nodes[2]
    settlectl = shlex.join(p.command())
    print(f'  ${{EDITOR:-vi}} {path}')
    print(f'  dig @127.0.0.1 -p {c.port} {NAME}')
    for words in (f'wait {ZONE} --for settled', f'history {ZONE}', 'status'):
        print(f'  {settlectl} {words}')
    print('\n  Here, as they happen, the changes (settlectl watch):\n', flush=True)
    subprocess.run(p.command('watch'), check=False)
    raise Failed('the primary has stopped')  # only it ends the watch


def tell_failure(nodes, sentence):
    print(f'\nNot so: {sentence}.\nThe logs:')
    for n in nodes:
        if os.path.exists(n.log):
            with open(n.log, encoding='utf-8', errors='replace') as f:
                print(f'--- {n.name}\n{f.read()[-3000:]}')


def show(nodes, zones, path, once):
    start(nodes, zones)
    show_edit(nodes, path, show_before(nodes))
    show_after(nodes)
    measure(nodes, path)
    print('\nAll of it was so: the edits are everywhere.', flush=True)
    if not once:
        serve(nodes, path)


def main():
    build, once = os.path.abspath(sys.argv[1]), '--once' in sys.argv[2:]
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'zones')
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    top, nodes, ok = tempfile.mkdtemp(prefix='settled-'), [], False
    try:
        shutil.copytree(source, os.path.join(top, 'zones'))
        path = os.path.join(top, 'zones', f'{ZONE}.zone')
        zones = sorted(f[:-len('.zone')] for f in os.listdir(os.path.join(top, 'zones')) if f.endswith('.zone'))
        nodes = make_nodes(top, build, zones)
        show(nodes, zones, path, once)
        ok = True
    except Failed as e:
        tell_failure(nodes, str(e))
    except subprocess.TimeoutExpired as e:
        tell_failure(nodes, f'{" ".join(e.cmd)} ends within {e.timeout} s')
    except KeyboardInterrupt:
        ok = True
        print('\nstopped')
    finally:
        for n in nodes:
            n.stop()
        shutil.rmtree(top, ignore_errors=True)
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
