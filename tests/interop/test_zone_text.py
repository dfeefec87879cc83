"""test_zone_text.py - rdata of chance, of every type: what we print, we, BIND, Knot, NSD and ldns read as the same octets.

And corners of presentation that people write: who takes them makes the same of them. RDATA=200 makes more of each type,
RDATA_SEED=7 others.
"""

import os
import re
import subprocess

import dns.name
import dns.rdatatype
import pytest

import bulk
import makes
import random_rdata
from daemons import PATIENCE, wait_until

EACH = int(os.environ.get('RDATA', 12))
SEED = int(os.environ.get('RDATA_SEED', 1))
ZONE = 'rdata.test'
APEX = f'{ZONE}. 3600 IN SOA ns.{ZONE}. hostmaster.{ZONE}. 1 3600 900 1209600 300\n{ZONE}. 3600 IN NS ns.example.org.\n'
NOT_ANYWHERE = ('SOA', 'NSEC', 'NSEC3', 'RRSIG', 'SIG', 'NXT', 'NSEC3PARAM')  # they make a zone what it is not

# What a make has no words for, or others than the RFC has, or prints as nobody reads it: there it is given octets.
UNKNOWN = {
    'bind': 'CLA IPN',
    'knot': 'NULL MD MF MB MG MR WKS X25 ISDN NSAP NSAP-PTR SIG KEY PX GPOS NXT EID NIMLOC ATMA A6 SINK HIP NINFO RKEY '
            'TALINK DSYNC HHIT BRID UINFO UID GID UNSPEC NID L64 AVC DOA AMTRELAY RESINFO WALLET CLA IPN TA DLV',
    'nsd': 'MD MF MB NSAP-PTR GPOS EID NIMLOC ATMA A6 SINK HIP NINFO RKEY TALINK CSYNC DSYNC HHIT BRID UINFO UID GID UNSPEC DOA '
           'AMTRELAY RESINFO WALLET CLA IPN TA',
    'ldns': 'WKS NSAP-PTR SVCB HTTPS UINFO UID GID UNSPEC A6 SINK NINFO RKEY DSYNC HHIT BRID AVC DOA '
            'AMTRELAY RESINFO WALLET CLA IPN TA',
}
REFUSED_TYPES = [('bind', 'MD'), ('bind', 'MF')]  # RFC 973: obsolete; to BIND in any form
REFUSED = re.compile('not loaded due to errors|failed to load zone|read with [0-9]+ errors')
PLACED = re.compile(r"zone(?:', line |:)(\d+)(:? .*)")  # what the log says of a line


class Sample:
    """One record with a name of its own: its octets, and a line in the words of RFC 3597."""

    def __init__(self, number, name, code, octets):
        self.name, self.code, self.octets = name, code, octets
        self.owner = f'{name.lower()}-{number}.{ZONE}.'

    @property
    def line(self):
        return rf'{self.owner} 60 IN TYPE{self.code} \# {len(self.octets)} {self.octets.hex()}' + '\n'

    @property
    def record(self):
        """As bulk.Message has it."""
        message = bulk.Message.__new__(bulk.Message)
        message.wire, message.names = self.octets, {}
        return dns.name.from_text(self.owner).to_wire(), self.code, 60, message.rdata(self.code, 0, len(self.octets))


@pytest.fixture(scope='module')
def samples():
    dice = random_rdata.Dice(SEED)
    return [Sample(number, name, code, dice.rdata(name, layout)) for name, (code, layout) in random_rdata.types().items()
            if name not in NOT_ANYWHERE for number in range(EACH)]


@pytest.fixture(scope='module')
def ours(place, samples):
    ours = place.settled('settled')
    ours.zones.mkdir()
    (ours.zones / f'{ZONE}.zone').write_text(APEX + ''.join(one.line for one in samples), encoding='ascii')
    ours.configure([f'name: {ZONE}, role: primary, file: {ZONE}.zone, transfer: [127.0.0.0/8]']).start()
    ours.wait_for(ZONE)
    return ours


@pytest.fixture(scope='module')
def printed(ours):
    """{owner: its line, as we print it}"""
    done = ours.ctl('export', ZONE)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines(True)
    return {line.split(None, 1)[0]: line for line in lines if not line.startswith((ZONE, ';'))}


def check(server, samples):
    """Does it have the records, octet for octet?"""
    there = bulk.transfer(server, ZONE)
    wrong = [one.line for one in samples if one.record not in there]
    assert not wrong, f'{server.name}: {len(wrong)} of {len(samples)}:\n' + ''.join(wrong[:40])
    assert len(there) == len(samples) + 2


def test_octets_are_taken_as_they_are(ours, samples):
    check(ours, samples)


def test_we_read_what_we_print(ours, printed, samples):
    assert len(printed) == len(samples)
    path = ours.zones / f'{ZONE}.zone'
    path.write_text(APEX.replace(' 1 ', ' 2 ', 1) + ''.join(printed.values()), encoding='ascii')
    done = ours.ctl('reload', ZONE)
    assert done.returncode == 0, done.stdout + done.stderr
    check(ours, samples)
    again = ours.ctl('export', ZONE).stdout.splitlines(True)
    assert [line for line in again if not line.startswith((ZONE, ';'))] == list(printed.values())
    plain = [one.name for one in samples if rf'\# {len(one.octets)}' in printed[one.owner]]
    assert set(plain) <= {'NULL', 'UINFO', 'UID', 'GID', 'UNSPEC'}, 'as octets, though there is a form for it'


@pytest.mark.parametrize('make', [makes.Bind, makes.Knot, makes.Nsd], ids=lambda make: make.make)
def test_others_read_what_we_print(place, printed, samples, make):
    unknown = UNKNOWN[make.make].split()
    samples = [one for one in samples if (make.make, one.name) not in REFUSED_TYPES]
    text = APEX + ''.join(one.line if one.name in unknown else printed[one.owner] for one in samples)
    check(reader(place, make, f'{make.make}-samples', text), samples)


def reader(place, make, name, text):
    """A server of that make which has read the zone as it stands there."""
    server = place.peer(make, name)
    server.unknown = ()
    server.primary({ZONE: text}).start()
    wait_until(lambda: server.serial(ZONE) or REFUSED.search(server.log()), f'{server.name} reads the zone')
    lines = text.splitlines()
    refused = [f'{why} {lines[int(number) - 1][:200]}' for number, why in sorted(set(PLACED.findall(server.log())))]
    assert server.serial(ZONE), f'{server.name} refuses {len(refused)}:\n' + '\n'.join(refused[:60])
    return server


def test_ldns_reads_what_we_print_and_we_what_it_prints(ours, printed, samples):
    unknown = UNKNOWN['ldns'].split()
    known = [one for one in samples if one.name not in unknown]
    path = ours.dir / 'for-ldns'
    path.write_text(APEX + ''.join(printed[one.owner] for one in known), encoding='ascii')
    done = subprocess.run(['/usr/bin/ldns-read-zone', path], text=True, capture_output=True, timeout=PATIENCE, check=False)
    line = re.search(' at line ([0-9]+)', done.stderr)
    assert done.returncode == 0, done.stderr + (path.read_text(encoding='ascii').splitlines()[int(line[1]) - 1] if line else '')
    (ours.zones / f'{ZONE}.zone').write_text(done.stdout.replace(' 1 ', ' 3 ', 1), encoding='ascii')
    done = ours.ctl('reload', ZONE)
    assert done.returncode == 0, done.stdout + done.stderr
    check(ours, known)


# ---- what people write


CORNERS = {  # everybody takes these, and makes the same of them
    'SVCB': ['0 foo.example.com.', '1 .', '16 foo.example.com. port=53', '1 foo.example.com. key667=hello',
             r'1 foo.example.com. key667="hello\210qoo"', '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
             '1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"',
             '16 foo.example.org. mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1',
             '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
             r'16 foo.example.org. alpn="f\\\\oo\\,bar,h2"',
             r'16 foo.example.org. alpn=f\\\092oo\092,bar,h2', '1 . no-default-alpn alpn="h3"', '1 . ech="AEP+DQA="',
             '1 . port="443"'],
    'HTTPS': ['1 . alpn=h2,h3 ipv4hint=192.0.2.1,192.0.2.2', '0 pool.example.net.'],
    'APL': ['1:192.168.32.0/21 !1:192.168.38.0/28', '1:192.168.42.0/26 1:192.168.42.64/26 !1:192.168.42.128/25', '1:0.0.0.0/0',
            '1:224.0.0.0/4 2:FF00:0:0:0:0:0:0:0/8', '2:::/0', '1:127.0.0.1/32 1:172.16.64.0/22'],
    'LOC': ['42 21 54 N 71 06 18 W -24m 30m', '42 21 43.952 N 71 5 6.344 W -24m 1m 200m', '52 14 05 N 00 08 50 E 10m',
            '32 7 19 S 116 2 25 E 10m', '42 21 28.764 N 71 00 51.617 W -44m 2000m', '0 0 0 N 0 0 0 E -100000m',
            '90 S 180 W 42849672.95m 90000000m 0m 1m', '12 N 13 E 0'],
    'NAPTR': ['100 50 "s" "http+I2L+I2C+I2R" "" _http._tcp.gatech.edu.', r'100 10 "" "" "!^urn:cid:.+@([^\\.]+\\.)(.*)$!\\2!i" .',
              '100 50 a z3950+N2L "" cidserver', r'10 100 "U" "E2U+sip" "!^\\+44(.*)$!sip:\\1@example.com!" .'],
    'CAA': ['0 issue "ca1.example.net"', '0 issue ";"', '128 tbs "Unknown"', '0 issue "ca1.example.net; account=230123"',
            '0 iodef "mailto:security@example.com"', '0 issuewild ""', '0 issue ca.example.net',
            r'0 issue "\"quoted\" \\ \000\255"'],
    'TXT': ['"a" b "c d"', r'"\"quoted\" \\ \000\255"', r'a\ b', '""', '"' + 'x' * 255 + '"',
            ' '.join(['"' + 'y' * 200 + '"'] * 5),
            '"a;b"', r'a\;b', r'\097\098\099', '( "over"\n "lines" ; with a comment\n )', r'"tab	blank "',
            'x' * 255, r'"\(\)"', '"@"'],
    'A': [r'\# 4 C0000201', r'\# 4 c0 00 02 01', '( 192.0.2.1 )'],
    'AAAA': ['::', '::1', '2001:DB8:0:0:0:0:0:1', '::ffff:192.0.2.1', '1:2:3:4:5:6:7::',
             r'\# 16 20010db8000000000000000000000001'],
    'MX': ['0 .', r'10 mail\.with\.dots', r'10 \109ail', r'\# 3 000100', '65535 @'],
    'TYPE65400': [r'\# 0', r'\# 3 abcdef', r'\# 3 ab cd EF', '( \\# 3\n abcd\n ef )'],
    'TYPE1': ['192.0.2.1', r'\# 4 c0000201'],
    'TYPE257': ['0 issue "x"'],
    'HINFO': ['"PC" "Debian 12"', 'PC Debian', '"" ""'],
    'SRV': ['0 0 0 .', '65535 65535 65535 @'],
    'DS': ['1 8 1 0123456789abcdef0123456789abcdef01234567', '1 RSASHA256 1 01234567 89abcdef 0123456789ABCDEF01234567'],
    'DNSKEY': ['256 3 8 AwEA AQ== ', '256 3 RSASHA256 ( AwEA\n AQ== )'],
    'TLSA': ['3 1 1 01 23 4567', '0 0 0 ( 01\n 23 )'],
    'SSHFP': ['1 1 0123456789abcdef 0123456789abcdef01234567'],
    'CERT': ['PKIX 1 RSASHA256 AwEAAQ==', '1 2 3 AwEA AQ=='],
    'IPSECKEY': ['10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==', '10 0 2 . AQNRU3mG',
                 '10 2 2 2001:db8::1 AQNR U3mG',
                 '10 3 2 mygateway.example.com. AQNRU3mG'],
    'URI': ['10 1 "ftp://ftp1.example.com/public"'],
    'NSEC3PARAM': ['1 0 12 aabbccdd', '1 0 0 -'],
    'CSYNC': ['66 3 A NS AAAA', '0 0 TYPE1 TYPE2'],
    'EUI48': ['00-00-5e-00-53-2a', '00-00-5E-00-53-2A'],
    'NID': ['10 0014:4fff:ff20:ee64'],
    'L32': ['10 10.1.2.0'],
    'L64': ['10 2001:0DB8:1140:1000'],
    'LP': ['10 l64-subnet1.example.com.'],
    'OPENPGPKEY': ['AQID BA=='],
    'CDNSKEY': ['0 3 0 AA=='],
    'CDS': ['0 0 0 00'],
    'RP': ['mbox.example. .', r'first\.last.example.com. txt'],
    'DNAME': [r'\097.example.'],
    'PTR': ['@', 'a', '.'],
}
WRONG = {  # nobody takes these
    'SVCB': ['1', '1 . port', '1 . port=65536', '1 . port=1 port=1', '1 . mandatory=port', '1 . ipv4hint=::1', '1 . alpn=',
             '65536 .'],
    'APL': ['1:192.0.2.0', '1:192.0.2.0/33', '3', '2:192.0.2.0/24', '1:::/0'],
    'LOC': ['91 N 0 E 0', '0 N 181 E 0', '0 60 0 N 0 E 0', '0 X 0 E 0', '0 N 0 E'],
    'NAPTR': ['1 2 "s" "p" "r"', '65536 1 "" "" "" .'],
    'CAA': ['256 issue "x"', '0 issue', '0 "" "x"'],
    'TXT': ['', '"' + 'x' * 256 + '"', '"open', r'"\256"'],
    'A': ['192.0.2', '192.0.2.256', '192.0.2.1 x', r'\# 3 c00002', r'\# 4 c00002', r'\# 4 c000020', r'\# 4 c000020101'],
    'AAAA': ['1:2:3:4:5:6:7', '1::2::3', '12345::', '1:2:3:4:5:6:7:8:9'],
    'MX': ['mail', '65536 mail', '-1 mail', '10', '10 a..b', '10 ' + 'x' * 64],
    'TYPE65400': ['abc', r'\# 2 ab', r'\# 1 abcd', r'\# x'],
    'DS': ['1 8 2 xyz', '1 8', '65536 8 2 00'],
    'EUI48': ['00-00-5e-00-53', '00:00:5e:00:53:2a'],
    'L64': ['10 2001:0DB8:1140', '10 x'],
    'SRV': ['0 0 0', '0 0 65536 a'],
}


def each(table):
    return [(f'{kind.lower()}-{number}.{ZONE}.', kind, text) for kind, texts in table.items()
            for number, text in enumerate(texts)]


def refused_by(*command):
    """The lines of the file at the end."""
    done = subprocess.run(command, text=True, capture_output=True, timeout=PATIENCE, check=False)
    return {int(number) for number in re.findall(rf'{command[-1].name}:([0-9]+): ', done.stdout + done.stderr)}


@pytest.fixture(scope='module')
def ours_of_corners(ours):
    (ours.zones / f'{ZONE}.zone').write_text(APEX.replace(' 1 ', ' 9 ', 1) + corners(), encoding='ascii')
    done = ours.ctl('reload', ZONE, '--force')
    assert done.returncode == 0, done.stdout + done.stderr
    return bulk.transfer(ours, ZONE)


def corners():
    return f'$ORIGIN {ZONE}.\n' + ''.join(f'{owner} 60 IN {kind} {text}\n' for owner, kind, text in each(CORNERS))


@pytest.mark.parametrize('make', [makes.Bind, makes.Knot, makes.Nsd], ids=lambda make: make.make)
def test_corners_are_read_as_others_read_them(place, ours_of_corners, make):
    server = reader(place, make, f'{make.make}-corners', APEX + corners())
    there = bulk.transfer(server, ZONE)
    wrong = []
    for owner, kind, rdata in each(CORNERS):
        wire = dns.name.from_text(owner).to_wire()
        mine, others = ({one for one in records if one[0] == wire} for records in (ours_of_corners, there))
        if mine != others:
            wrong.append(f'{kind} {rdata}: {mine}, {server.name}: {others}')
    assert not wrong, '\n'.join(wrong)


def test_what_is_wrong_is_refused(ours):
    """By us, each at its place, and by BIND or NSD."""
    path = ours.dir / 'wrong'
    path.write_text(APEX + ''.join(f'{owner} 60 IN {kind} {text}\n' for owner, kind, text in each(WRONG)), encoding='ascii')
    done = ours.ctl('check-zone', ZONE, str(path))
    others = refused_by('/usr/sbin/nsd-checkzone', ZONE, path) | refused_by('/usr/bin/named-checkzone', ZONE, path)
    for number, (_, kind, text) in enumerate(each(WRONG), APEX.count('\n') + 1):
        assert f'wrong:{number}:' in done.stdout + done.stderr, f'{kind} {text} is not refused: {done.stdout}{done.stderr}'
        assert number in others, f'{kind} {text}: refused by us alone'
