"""makes.py - the servers of other makers, from Debian: BIND, Knot DNS, NSD, PowerDNS, Unbound.

Each is configured for the foreground, with everything it writes in its own directory and no remote control on a port. All
speak from the address they listen on, because a server is known by its address.
"""

import os
import signal
import subprocess

from daemons import ZONES, Daemon, wait_until


class Peer(Daemon):
    """A server that holds zones: as a secondary of `primary`, or as the primary that tells `followers`."""

    unknown = ()  # types that this make has no words for, or mistakes
    holds_signed = True  # zones that somebody else has signed, out of the box

    def file_of(self, zone):
        return f'{zone}.zone'

    def secondary(self, zones, primary):
        self.configure([self.secondary_zone(zone, primary) for zone in zones], [primary])
        return self

    def primary(self, texts, followers=()):
        for zone, text in texts.items():
            self.write(self.file_of(zone), self.worded(text))
        self.configure([self.primary_zone(zone, followers) for zone in texts], followers)
        return self

    def edit(self, zone, text):
        """A new file in the place of the old one, and the word to read it."""
        new = self.write(self.file_of(zone) + '.new', self.worded(text))
        os.replace(new, self.dir / self.file_of(zone))
        self.reread(zone)

    def reread(self, zone):
        self.signal(signal.SIGHUP)

    def worded(self, text):
        """The zone in words of this make (RFC 3597 5). `text` has a whole record on each line."""
        return '\n'.join(self.worded_record(line) for line in text.splitlines()) + '\n'

    def worded_record(self, line):
        words = line.split(None, 4)
        if len(words) < 5 or words[3] not in self.unknown:
            return line
        owner, ttl, _, kind, rdata = words
        generic = subprocess.run(['/usr/bin/named-rrchecker', '-u'], input=f'IN {kind} {rdata}\n', text=True, check=True,
                                 capture_output=True, timeout=60).stdout
        return f'{owner} {ttl} IN {generic.split(None, 1)[1].strip()}'


class Bind(Peer):
    make = 'bind'

    def command(self):
        return ['/usr/sbin/named', '-g', '-n', '1', '-c', str(self.dir / 'named.conf')]

    def configure(self, zones, others=(), options='recursion no;'):
        self.write('named.conf', f'''
options {{
    directory "{self.dir}";
    pid-file "{self.dir}/named.pid";
    session-keyfile "{self.dir}/session.key";
    managed-keys-directory "{self.dir}";
    listen-on port {self.port} {{ {self.address}; }};
    listen-on-v6 {{ none; }};
    query-source address {self.address};
    notify-source {self.address};
    transfer-source {self.address};
    notify explicit;
    notify-delay 0;
    notify-rate 1000;
    startup-notify-rate 1000;
    serial-query-rate 1000;
    dnssec-validation no;
    empty-zones-enable no;
    minimal-responses yes;
    check-integrity no;
    check-names primary ignore;
    allow-query {{ any; }};
    allow-transfer {{ any; }};
    {options}
}};
controls {{ }};
''' + ''.join(zones))

    def secondary_zone(self, zone, primary):
        return (f'zone "{zone}" {{ type secondary; file "{zone}.copy"; masterfile-format text; '
                f'primaries {{ {primary.address} port {primary.port}; }}; }};\n')

    def primary_zone(self, zone, followers):
        told = ''.join(f'{f.address} port {f.port}; ' for f in followers)
        return (f'zone "{zone}" {{ type primary; file "{self.file_of(zone)}"; ixfr-from-differences yes; '
                f'also-notify {{ {told}}}; }};\n')

    def forwarder(self, upstream):
        """A resolver that asks `upstream` everything."""
        self.configure([], options=f'recursion yes; forward only; '
                                   f'forwarders {{ {upstream.address} port {upstream.port}; }};')
        return self


class Knot(Peer):
    make = 'knot'
    unknown = ('HIP', 'ISDN', 'L64', 'MB', 'MG', 'MR', 'NID', 'PX', 'X25')

    def command(self):
        return ['/usr/sbin/knotd', '-c', str(self.dir / 'knot.conf')]

    def configure(self, zones, others=()):
        remotes = ''.join(f'  - id: {o.name}\n    address: {self.there(o)}\n    via: {self.address}\n' for o in others)
        self.write('knot.conf', f'''
server:
    rundir: {self.dir}
    listen: {self.at}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    tcp-io-timeout: 60000
log:
  - target: stderr
    any: info
control:
    listen: {self.dir}/knot.sock
database:
    storage: {self.dir}
acl:
  - id: near
    address: [ 127.0.0.0/8, "::1" ]
    action: [ transfer, notify ]
{"remote:" if remotes else ""}
{remotes}
template:
  - id: default
    storage: {self.dir}
    semantic-checks: soft
    acl: near
    zonefile-sync: -1
zone:
''' + ''.join(zones))

    def there(self, other):
        return f'::1@{other.port}' if ':' in self.address else other.at

    def secondary_zone(self, zone, primary):
        return f'  - domain: {zone}\n    master: {primary.name}\n    journal-content: all\n'

    def primary_zone(self, zone, followers):
        told = ', '.join(f.name for f in followers)
        notify = f'    notify: [ {told} ]\n' if told else ''
        return (f'  - domain: {zone}\n    file: {self.file_of(zone)}\n    zonefile-load: difference\n'
                f'    journal-content: changes\n{notify}')


class Nsd(Peer):
    make = 'nsd'
    unknown = ('HIP',)

    def command(self):
        return ['/usr/sbin/nsd', '-d', '-c', str(self.dir / 'nsd.conf')]

    def configure(self, zones, others=()):
        self.write('nsd.conf', f'''
server:
    ip-address: {self.at}
    server-count: 1
    username: ""
    chroot: ""
    database: ""
    zonesdir: "{self.dir}"
    pidfile: "{self.dir}/nsd.pid"
    xfrdfile: "{self.dir}/xfrd.state"
    xfrdir: "{self.dir}"
    zonelistfile: "{self.dir}/zone.list"
    xfrd-reload-timeout: 0
    rrl-ratelimit: 0
    minimal-responses: yes
    verbosity: 1
remote-control:
    control-enable: no
''' + ''.join(zones))

    def secondary_zone(self, zone, primary):
        return (f'zone:\n    name: "{zone}"\n    zonefile: "{zone}.copy"\n    request-xfr: {primary.at} NOKEY\n'
                f'    allow-notify: {primary.address} NOKEY\n    provide-xfr: 127.0.0.0/8 NOKEY\n'
                f'    outgoing-interface: {self.address}\n')

    def primary_zone(self, zone, followers):
        return (f'zone:\n    name: "{zone}"\n    zonefile: "{self.file_of(zone)}"\n    provide-xfr: 127.0.0.0/8 NOKEY\n'
                + ''.join(f'    notify: {f.at} NOKEY\n' for f in followers) + f'    outgoing-interface: {self.address}\n')


class PowerDns(Peer):
    make = 'pdns'
    holds_signed = False

    def command(self):
        return ['/usr/sbin/pdns_server', f'--config-dir={self.dir}']

    def configure(self, zones, others=()):
        self.write('named.conf', f'options {{ directory "{self.dir}"; }};\n' + ''.join(zones))
        self.write('pdns.conf', f'''
daemon=no
guardian=no
write-pid=no
disable-syslog=yes
loglevel=5
socket-dir={self.dir}
local-address={self.address}
local-port={self.port}
query-local-address={self.address}
launch=bind
bind-config={self.dir}/named.conf
primary=yes
secondary=yes
allow-axfr-ips=127.0.0.0/8
allow-notify-from=127.0.0.0/8
also-notify={",".join(f"{o.address}:{o.port}" for o in others)}
only-notify=
xfr-cycle-interval=1
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
dname-processing=yes
receiver-threads=1
distributor-threads=1
''')

    def secondary_zone(self, zone, primary):
        return (f'zone "{zone}" {{ type slave; file "{self.dir}/{zone}.copy"; '
                f'masters {{ {primary.address}:{primary.port}; }}; }};\n')

    def primary_zone(self, zone, followers):
        return f'zone "{zone}" {{ type master; file "{self.dir}/{self.file_of(zone)}"; }};\n'

    def reread(self, zone):
        subprocess.run(['/usr/bin/pdns_control', f'--config-dir={self.dir}', f'--socket-dir={self.dir}',
                        'bind-reload-now', zone], check=True, timeout=60, capture_output=True)


class Unbound(Daemon):
    make = 'unbound'

    def command(self):
        return ['/usr/sbin/unbound', '-d', '-c', str(self.dir / 'unbound.conf')]

    def configure(self, clauses):
        self.write('unbound.conf', f'''
server:
    directory: "{self.dir}"
    interface: {self.at}
    outgoing-interface: {self.address}
    access-control: 127.0.0.0/8 allow
    num-threads: 1
    username: ""
    chroot: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-not-query-localhost: no
    module-config: "iterator"
    local-zone: "2.0.192.in-addr.arpa." nodefault
    local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault
    target-fetch-policy: "0 0 0 0 0"
remote-control:
    control-enable: no
''' + clauses)
        return self

    def forwarder(self, upstream):
        """Asks `upstream` everything."""
        return self.configure(f'forward-zone:\n    name: "."\n    forward-addr: {upstream.at}\n')

    def resolver(self, primary, zones):
        """Finds the zones at their primary, as a resolver that was told where to begin."""
        return self.configure(''.join(f'stub-zone:\n    name: "{zone}"\n    stub-addr: {primary.at}\n'
                                      for zone in zones))


    def validator(self, primary, zones, anchors):
        """The same, and believes only what is signed with these keys, where there is one. Asks for every single name."""
        return self.configure('server:\n    module-config: "validator iterator"\n    trust-anchor-signaling: no\n'
                              '    aggressive-nsec: no\n    qname-minimisation: no\n    harden-below-nxdomain: no\n'
                              '    local-zone: "test." nodefault\n'
                              + ''.join(f'    trust-anchor: "{key}"\n' for key in anchors)
                              + ''.join(f'stub-zone:\n    name: "{zone}"\n    stub-addr: {primary.at}\n' for zone in zones))


def compiled(zone, path, top):
    """The zone file as named-compilezone reads it, with every record written out: a second opinion that all makes can read."""
    out = top / f'{zone}.compiled'
    subprocess.run(['/usr/bin/named-compilezone', '-q', '-i', 'none', '-k', 'ignore', '-n', 'ignore', '-m', 'ignore', '-M',
                    'ignore', '-S', 'ignore', '-s', 'full', '-w', str(path.parent), '-o', str(out), zone, str(path)],
                   check=True, timeout=60)
    return out.read_text(encoding='ascii')


def signed(zone, text, top):
    """The zone with a key, signatures and NSEC3, by ldns."""
    plain = top / f'{zone}.plain'
    plain.write_text(text, encoding='ascii')
    key = subprocess.run(['/usr/bin/ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', zone], cwd=top, check=True, text=True,
                         capture_output=True, timeout=60).stdout.strip()
    subprocess.run(['/usr/bin/ldns-signzone', '-n', '-o', zone, '-f', f'{zone}.signed', plain.name, key], cwd=top, check=True,
                   timeout=60)
    return compiled(zone, top / f'{zone}.signed', top)


def large(zone):
    """A zone of many messages: three thousand records, some hundred kilobytes."""
    lines = [f'{zone}. 3600 IN SOA ns.{zone}. hostmaster.{zone}. 1 3600 900 1209600 600', f'{zone}. 3600 IN NS ns.{zone}.',
             f'ns.{zone}. 3600 IN A 192.0.2.1']
    for number in range(1500):
        owner = f'host{number}.part{number % 7}.{zone}. 300 IN'
        lines += [f'{owner} A 10.0.{number // 256}.{number % 256}', f'{owner} TXT "{"0123456789" * (number % 20)}"']
    return '\n'.join(lines) + '\n'
