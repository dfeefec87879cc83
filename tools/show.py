"""tools/show.py BUILD [--once] - three settled processes on loopback and an edit that travels through them, shown as it happens.

The zones are copied to a temporary directory, so that the edits made here touch nothing of the source tree. With --once the exit code
is 0 only if the edit was seen everywhere and settlectl agreed.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import dns.flags
import dns.message
import dns.query
import dns.rdatatype

EDITS = 50
NAME, ZONE, TTL = 'www.example.com', 'example.com', 60


def free_ports(count):
    """Ports that are free for UDP and TCP on 127.0.0.1, side by side from 5301 on."""
    port = 5301
    while port < 60000:
        if all(port_is_free(port + i) for i in range(count)):
            return [port + i for i in range(count)]
        port += count
    sys.exit('no free ports on 127.0.0.1')


def port_is_free(port):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as s:
            try:
                s.bind(('127.0.0.1', port))
            except OSError:
                return False
    return True


class Node:
    """One settled process with its configuration and state in a directory of its own."""

    def __init__(self, top, build, name, port, config):
        self.name, self.port, self.build = name, port, build
        self.dir = os.path.join(top, name)
        os.mkdir(self.dir)
        self.config = os.path.join(self.dir, 'settled.conf')
        self.log = os.path.join(self.dir, 'log')
        with open(self.config, 'w', encoding='ascii') as f:
            f.write(f'server: {{ listen: [127.0.0.1@{port}], state: state, threads: 1, zones: ../zones }}\n'
                    'control: { socket: control.sock }\n' + config)

    def start(self):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([os.path.join(self.build, 'settled'), '-c', self.config], stderr=log)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def ctl(self, *words):
        return subprocess.run([os.path.join(self.build, 'settlectl'), '-c', self.config, *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)

    def ask(self, name, kind, timeout=1.0, recurse=True):
        question = dns.message.make_query(name, kind)
        if not recurse:
            question.flags &= ~dns.flags.RD
        try:
            return dns.query.udp(question, '127.0.0.1', timeout=timeout, port=self.port)
        except (dns.exception.Timeout, OSError):
            return None

    def serial(self):
        answer = self.ask(ZONE, 'SOA', 0.5, recurse=self.name == 'cache')
        if answer is None or not answer.answer:
            return None
        return answer.answer[0][0].serial

    def address(self):
        answer = self.ask(NAME, 'A', 0.5)
        if answer is None or not answer.answer:
            return None
        return answer.answer[-1][0].address


def zone_names(directory):
    """File names are the zones' names; hosts.inc and the like are included by them."""
    return sorted(f[:-len('.zone')] for f in os.listdir(directory) if f.endswith('.zone'))


def make_nodes(top, build, zones):
    p, s, c = free_ports(3)
    primary = 'peers:\n' \
        f'  - {{ name: secondary, address: 127.0.0.1@{s} }}\n' \
        f'  - {{ name: cache, address: 127.0.0.1@{c}, kind: cache }}\n' \
        'zones:\n' + ''.join(
            f'  - {{ name: {z}, role: primary, file: {z}.zone, notify: [secondary, cache], transfer: [secondary, cache] }}\n'
            for z in zones)
    secondary = f'peers:\n  - {{ name: primary, address: 127.0.0.1@{p} }}\nzones:\n' + ''.join(
        f'  - {{ name: {z}, role: secondary, primaries: [primary] }}\n' for z in zones)
    cache = 'peers:\n' \
        f'  - {{ name: primary, address: 127.0.0.1@{p} }}\n' \
        f'  - {{ name: secondary, address: 127.0.0.1@{s} }}\nzones:\n' + ''.join(
            f'  - {{ name: {z}, role: cache, primaries: [primary, secondary] }}\n' for z in zones)
    return [Node(top, build, n, port, config)
            for n, port, config in (('primary', p, primary), ('secondary', s, secondary), ('cache', c, cache))]


def wait_until(what, test, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(0.005)
    print(f'  not within {seconds} s: {what}')
    return False


def save(path, text):
    """As most editors save: a new file, renamed over the old one."""
    with open(path + '.new', 'w', encoding='ascii') as f:
        f.write(text)
    os.rename(path + '.new', path)


def with_address(text, address):
    return re.sub(r'^(www\s+1m\s+A\s+)\S+', r'\g<1>' + address, text, flags=re.M)


def dig(node):
    print(f'  $ dig @127.0.0.1 -p {node.port} {NAME} A +noall +answer      # {node.name}')
    out = subprocess.run(['dig', '@127.0.0.1', '-p', str(node.port), NAME, 'A', '+noall', '+answer', '+tries=1', '+time=2'],
                         text=True, capture_output=True, check=False).stdout
    print('  ' + out.strip().replace('\n', '\n  '))
    return out


def show_edit(nodes, path, address):
    """Saves, then watches who serves what, millisecond by millisecond. True when all showed the new address."""
    with open(path, encoding='ascii') as f:
        text = with_address(f.read(), address)
    before = nodes[0].serial()
    save(path, text)
    start = time.monotonic()
    print(f'\nsaved {os.path.basename(path)}: {NAME} is now {address}\n')
    print('      ms   ' + ''.join(f'{n.name:<24}' for n in nodes))
    shown, seen = None, {}
    while time.monotonic() - start < 10:
        row = [(n.serial(), n.address()) for n in nodes]
        ms = (time.monotonic() - start) * 1000
        if row != shown:
            print(f'{ms:8.1f}   ' + ''.join(f'{str(s):<11}{str(a):<13}' for s, a in row))
            shown = row
        for n, (s, a) in zip(nodes, row):
            if s != before and a == address:
                seen.setdefault(n.name, ms)
        if len(seen) == len(nodes):
            return True
    return False


def measure(nodes, path):
    """Save to served at the secondary, over EDITS edits."""
    times = []
    secondary = nodes[1]
    for i in range(EDITS):
        address = f'192.0.2.{100 + i}'
        with open(path, encoding='ascii') as f:
            text = with_address(f.read(), address)
        time.sleep(0.11)  # a burst would be taken as one
        start = time.monotonic()
        save(path, text)
        if not wait_until(f'edit {i + 1} at the secondary', lambda a=address: secondary.address() == a, 10):
            return None
        times.append((time.monotonic() - start) * 1000)
    times.sort()
    return times


def run(nodes, zones_dir, zones):
    ok = True
    path = os.path.join(zones_dir, ZONE + '.zone')
    for n in nodes:
        n.start()
        print(f'  {n.name:<10} 127.0.0.1 port {n.port}   settlectl -c {n.config} status')
    for n in nodes:
        if not wait_until(f'{n.name} answers', lambda n=n: n.address() is not None):
            return False
    first = nodes[0].address()
    print(f'\n{len(zones)} zones: {", ".join(zones)}\n\nbefore the edit, with the TTL running down at the cache:\n')
    dig(nodes[0])
    dig(nodes[1])
    dig(nodes[2])
    time.sleep(2)
    ttl = re.search(r'\s(\d+)\s+IN', dig(nodes[2]))
    ok = ok and ttl is not None and int(ttl.group(1)) < TTL
    new = '192.0.2.99' if first != '192.0.2.99' else '192.0.2.98'
    ok = show_edit(nodes, path, new) and ok
    waited = nodes[0].ctl('wait', ZONE)
    print(f'\n  $ settlectl wait {ZONE}\n  ' + waited.stdout.strip().replace('\n', '\n  '))
    print(f'  exit code {waited.returncode}')
    ok = ok and waited.returncode == 0
    print('\nafter it:\n')
    ok = all([new in dig(n) for n in nodes]) and ok
    status = nodes[0].ctl('status', ZONE)
    print(f'\n  $ settlectl status {ZONE}\n  ' + status.stdout.strip().replace('\n', '\n  '))
    times = measure(nodes, path)
    if times is None:
        return False
    print(f'\nsave to served at the secondary, {EDITS} edits: median {times[len(times) // 2]:.1f} ms, '
          f'p99 {times[min(len(times) - 1, int(len(times) * 0.99))]:.1f} ms')
    waited = nodes[0].ctl('wait', ZONE)
    ok = ok and waited.returncode == 0 and all(n.address() == f'192.0.2.{99 + EDITS}' for n in nodes)
    return ok


def main():
    build = os.path.abspath(sys.argv[1])
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
    once = '--once' in sys.argv[2:]
    top = tempfile.mkdtemp(prefix='settled-')
    zones_dir = os.path.join(top, 'zones')
    shutil.copytree(os.path.join(source, 'zones'), zones_dir)
    zones = zone_names(zones_dir)
    nodes = make_nodes(top, build, zones)
    ok = False
    try:
        ok = run(nodes, zones_dir, zones)
        print('\nsettled: the edit is everywhere.' if ok else '\nnot settled. The logs:')
        if not ok:
            for n in nodes:
                with open(n.log, encoding='utf-8') as f:
                    print(f'--- {n.name}\n{f.read()[-3000:]}')
        if ok and not once:
            print(f'\nServing until Ctrl-C. Edit a file in {zones_dir} and watch dig.')
            signal.pause()
    except KeyboardInterrupt:
        print()
    finally:
        for n in nodes:
            if hasattr(n, 'process'):
                n.stop()
        shutil.rmtree(top, ignore_errors=True)
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
