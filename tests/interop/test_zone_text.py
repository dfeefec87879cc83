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
    'bind': 'CLA IPN SINK',
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
    assert set(plain) <= {'NULL', 'UINFO', 'UID', 'GID', 'UNSPEC', 'APL', 'HIP'}, 'printed as octets, though they have a form of their own'


@pytest.mark.parametrize('make', [makes.Bind, makes.Knot, makes.Nsd], ids=lambda make: make.make)
def test_others_read_what_we_print(place, printed, samples, make):
    unknown = UNKNOWN[make.make].split()
    samples = [one for one in samples if (make.make, one.name) not in REFUSED_TYPES]
    text = APEX + ''.join(one.line if one.name in unknown else printed[one.owner] for one in samples)
    make.unknown = ()
    server = place.peer(make).primary({ZONE: text}).start()
    wait_until(lambda: server.serial(ZONE) or REFUSED.search(server.log()), f'{server.name} reads the zone')
    lines = text.splitlines()
    refused = [f'{why} {lines[int(number) - 1][:200]}' for number, why in sorted(set(PLACED.findall(server.log())))]
    assert server.serial(ZONE), f'{server.name} refuses {len(refused)}:\n' + '\n'.join(refused[:60])
    check(server, samples)


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
