"""test_signed.py - zones that others have signed: we answer as Knot, NSD and BIND do; Unbound, delv and ldns believe it.

Asked for are the names and types of the zones and all around them, as in test_same_answers.
"""

import concurrent.futures
import pathlib
import re
import subprocess

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest

import bulk
import makes
import signing
from daemons import PATIENCE
from test_same_answers import OTHERS, most_said, near, owners_in

DATA = pathlib.Path(__file__).resolve().parent / 'data'
ZONES = ['rfc4035.test', 'rfc5155.test', 'links1.test', 'links3.test', 'cuts1.test', 'cuts3.test', 'rsa.test', 'parent.test',
         'child.parent.test', 'plain.parent.test', 'forged.parent.test']
TOPS = [zone for zone in ZONES if not zone.endswith('.parent.test')]  # whose keys are known to who believes them
FOR_DELV = 8  # questions of a zone at most: it takes a fifth of a second for each
TYPES_AT = ('A', 'DS', 'CNAME', 'ANY', 'TYPE65400')
TYPES_NEAR = ('A', 'DS')

NOT_RESOLVED = ('ANY', 'RRSIG', 'NSEC', 'DNAME')  # resolvers answer these out of what they know of the name
BEYOND_VALIDATORS = {  # at and below these names
    'b.far.cuts3.test': 'an empty non-terminal that opted out, under the wildcard at the apex: nothing could prove it is there',
    'tocut.parent.test': 'Unbound 1.17 takes the NSEC of the wildcard for one of the unsigned zone that its CNAME leads to',
    'to-apex.links1.test': 'for DS, leads to the apex, of which the zone above is to be asked, and that is not here',
    'to-apex.links3.test': 'likewise',
}

JUSTIFIED = {  # at and below these names
    'ring-tree': 'RFC 1034 3.6.2: a chain without an end is followed for a while; how far is nowhere said',
    'ring-tree-2': 'likewise',
    'back': 'RFC 1034 4.3.2 3a: "change QNAME, and go back to step 1", which finds our parent.test',
}


@pytest.fixture(scope='module')
def signed(top):
    """{zone: (text, its trust anchors)}"""
    inside = top / 'signing'
    inside.mkdir()
    cuts, links = DATA / 'cuts.test.zone', DATA / 'links.test.zone'
    zones = {}

    def sign(how, zone, text, *options):
        zones[zone] = how(inside, zone, text, *options)

    sign(signing.by_bind, 'rfc4035.test', signing.plain('rfc4035', 'rfc4035.test'), 'ECDSAP256SHA256')
    hash_of_ns1 = signing.hashed('ns1.rfc5155.test', 'aabbccdd', 12)
    sign(signing.by_bind, 'rfc5155.test', signing.plain('rfc5155', 'rfc5155.test', hash_of_ns1=hash_of_ns1), 'ECDSAP256SHA256',
         '-3', 'aabbccdd', '-H', '12', '-A')
    sign(signing.by_ldns, 'links1.test', signing.moved(links, 'links1.test'), ['ED25519'])
    sign(signing.by_ldns, 'links3.test', signing.moved(links, 'links3.test'), ['ECDSAP256SHA256', 'ED25519'], '-n', '-t', '0')
    sign(signing.by_bind, 'cuts1.test', signing.moved(cuts, 'cuts1.test'), 'ED25519')
    sign(signing.by_bind, 'cuts3.test', signing.moved(cuts, 'cuts3.test'), 'ECDSAP384SHA384', '-3', '-', '-A')
    sign(signing.by_bind, 'rsa.test', signing.plain('rfc4035', 'rsa.test'), 'RSASHA256', '-3', 'ab', '-H', '1')
    for child, options in (('child', ['-3', '-']), ('forged', [])):
        zone = f'{child}.parent.test'
        sign(signing.by_bind, zone, signing.plain('child', zone, here_is_the_parent='parent.test.'), 'ECDSAP256SHA256', *options)
    dsset = inside / 'dsset-forged.parent.test.'
    dsset.write_text(f'forged.parent.test. IN DS 12345 13 2 {"0123456789ABCDEF" * 4}\n', encoding='ascii')
    sign(signing.by_bind, 'parent.test', signing.plain('parent', 'parent.test'), 'ECDSAP256SHA256')
    unsigned = inside / 'plain.parent.test'
    unsigned.write_text(signing.plain('child', unsigned.name, here_is_the_parent='parent.test.'), encoding='ascii')
    zones[unsigned.name] = makes.compiled(unsigned.name, unsigned, inside), []
    return zones


@pytest.fixture(scope='module')
def ours(place, signed):
    ours = place.settled('settled')
    ours.zones.mkdir()
    for zone, (text, _) in signed.items():
        (ours.zones / f'{zone}.zone').write_text(text, encoding='ascii')
    ours.configure([f'name: {zone}, role: primary, file: {zone}.zone, transfer: [127.0.0.0/8]' for zone in signed]).start()
    for zone in signed:
        ours.wait_for(zone)
    return ours


@pytest.fixture(scope='module')
def others(place, signed):
    texts = {zone: text for zone, (text, _) in signed.items()}
    servers = [place.peer(make).primary(texts).start() for make in OTHERS]
    for server in servers:
        for zone in signed:
            server.wait_for(zone)
    return servers


@pytest.fixture(scope='module')
def asked(signed):
    """{zone: [(name, type)]}"""
    return {zone: questions_of(dns.name.from_text(zone), text) for zone, (text, _) in signed.items()}


def questions_of(apex, text):
    """At and around each name; of the owners of NSEC3, which are no names, at the first few."""
    found, hashes = {}, 0
    for owner, types in owners_in(text).items():
        if set(types) <= {'NSEC3', 'RRSIG'}:
            hashes += 1
            if hashes > 3:
                continue
        for kind in [*types, *TYPES_AT]:
            found[owner, kind] = None
        for name in near(owner, apex):
            if name.is_subdomain(apex):
                found.update({(name, kind): None for kind in TYPES_NEAR})
    return list(found)


def wire(name, kind, resolver=False):
    message = dns.message.make_query(name, kind, use_edns=0, payload=1232, want_dnssec=True)
    if not resolver:
        message.flags &= ~dns.flags.RD
    return message.to_wire()


def is_justified(name, zone):
    return any(name.is_subdomain(dns.name.from_text(f'{below}.{zone}')) for below in JUSTIFIED)


def can_be_believed(name, kind, zone):
    """Is it a question for validators?"""
    beyond = any(name.is_subdomain(dns.name.from_text(above)) for above in BEYOND_VALIDATORS)
    return kind not in NOT_RESOLVED and not beyond and not is_justified(name, zone) and \
        not (kind == 'DS' and name.to_text(True) in TOPS)


@pytest.mark.parametrize('zone', ZONES)
def test_we_answer_as_others_do(ours, others, asked, zone):
    wires = [wire(name, kind) for name, kind in asked[zone]]
    servers = [ours, *others]
    answers = [[bulk.content(one) for one in bulk.ask_all(server, wires)] for server in servers]
    agreed, different = 0, []
    for (name, kind), own, *theirs in zip(asked[zone], *answers):
        agreed += len(set(theirs)) == 1
        if own not in most_said(theirs) and not is_justified(name, zone):
            said = [f'{server.name}: {answer}' for server, answer in zip(servers, [own, *theirs])]
            different.append('\n  '.join([f'{name} {kind}', *said]))
    assert not different, f'{len(different)} of {len(wires)}:\n' + '\n'.join(different[:40])
    assert agreed > len(wires) * 0.5, f'the others agree on {agreed} of {len(wires)} answers only'


# ---- believed by validators


class Own:
    """What we say, and what a validator that knows the keys of the zones at the top can make of it."""

    def __init__(self, octets):
        message = bulk.Message(octets)
        self.rcode = message.rcode
        kinds = {kind for _, kind, _, _ in message.authority}
        chain = list({(owner, kind): None for owner, kind, _, _ in message.answer if kind != dns.rdatatype.RRSIG})
        is_end = bulk.SOA in kinds or (chain and chain[-1][1] == message.qtype)
        self.is_whole = bool(message.flags & bulk.AA) and bool(is_end) and not message.flags & bulk.TC
        self.zones = {zone_of(name_of(owner), kind) for owner, kind in chain}
        self.zones |= {name_of(owner).to_text(True) for owner, kind, _, _ in message.authority if kind == bulk.SOA}
        denials = [one for one in message.authority if one[1] in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)]
        self.renames = any(kind == dns.rdatatype.DNAME for _, kind in chain)
        self.sort = self.rcode, self.renames, len(chain), len(denials), len(self.zones)  # for one of each
        self.opts_out = any(kind == dns.rdatatype.NSEC3 and rdata[1] & 1 for _, kind, _, rdata in denials)

    @property
    def expected(self):
        """The rcode of a validator, and whether it says AD; None: it may (RFC 5155 9.2)."""
        if 'forged.parent.test' in self.zones:
            return 'SERVFAIL', False
        secure = 'plain.parent.test' not in self.zones
        return dns.rcode.to_text(self.rcode), None if secure and self.opts_out else secure


def name_of(octets):
    return dns.name.from_wire(octets, 0)[0]


def zone_of(name, kind):
    """The zone that has the records: of a DS, the one above."""
    above = name.parent() if kind == dns.rdatatype.DS else name
    return max((zone for zone in ZONES if above.is_subdomain(dns.name.from_text(zone))), key=len)


@pytest.fixture(scope='module')
def unbound(place, ours, signed):
    anchors = [key for zone in TOPS for key in signed[zone][1]]
    server = place.peer(makes.Unbound).validator(ours, signed, anchors).start()
    server.wait_ready()
    return server


@pytest.fixture(scope='module')
def own(ours, asked):
    """{zone: [what we say]}"""
    return {zone: [Own(octets) for octets in bulk.ask_all(ours, [wire(*one) for one in asked[zone]])] for zone in ZONES}


@pytest.mark.parametrize('zone', ZONES)
def test_unbound_believes_us(unbound, asked, own, zone):
    questions = [(one, said) for one, said in zip(asked[zone], own[zone]) if said.is_whole and can_be_believed(*one, zone)]
    answers = bulk.ask_all(unbound, [wire(*one, resolver=True) for one, _ in questions])
    wrong = []
    for (one, said), octets in zip(questions, answers):
        rcode, secure = said.expected
        got = dns.rcode.to_text(octets[3] & 15), bool(octets[3] & 0x20)
        if got[0] != rcode or (secure is not None and got[1] != secure):
            wrong.append(f'{one[0]} {one[1]}: {got[0]}, {"secure" if got[1] else "not secure"}')
    assert not wrong, f'{len(wrong)} of {len(questions)}:\n' + '\n'.join(wrong[:100])
    assert len(questions) > 50


def one_of_each(questions):
    """The first question of each sort of answer."""
    return list({said.sort: (one, said) for one, said in reversed(questions)}.values())


def picked(asked, own, zone):
    return one_of_each([(one, said) for one, said in zip(asked[zone], own[zone])
                        if said.is_whole and can_be_believed(*one, zone)])


def shown_by(*words):
    done = subprocess.run(words, text=True, capture_output=True, timeout=PATIENCE, check=False)
    return done.stdout + done.stderr


def anchor_of(zone):
    return zone if zone in TOPS else 'parent.test'


@pytest.mark.parametrize('zone', ZONES)
def test_delv_believes_us(ours, signed, asked, own, top, zone):
    anchor = anchor_of(zone)
    path = top / f'{anchor}.anchors'
    keys = [key.split(None, 6) for key in signed[anchor][1]]
    path.write_text('trust-anchors {\n' + ''.join(f'"{k[0]}" static-key {k[3]} {k[4]} {k[5]} "{k[6]}";\n' for k in keys) + '};\n',
                    encoding='ascii')
    questions = picked(asked, own, zone)[:FOR_DELV]
    command = ['/usr/bin/delv', f'@{ours.address}', '-p', str(ours.port), '-a', path, f'+root={anchor}', '+rtrace']
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: shown_by(*command, one[0][0].to_text(), one[0][1]), questions))
    for ((name, kind), said), shown in zip(questions, answers):
        rcode, secure = said.expected
        if rcode == 'SERVFAIL':
            assert 'fully validated' not in shown and 'broken trust chain' in shown, f'{name} {kind}: {shown}'
        else:
            assert ('unsigned answer' in shown) != bool(secure) or secure is None, f'{name} {kind}: {shown}'
            assert re.search('fully validated|unsigned answer', shown), f'{name} {kind}: {shown}'
            assert not re.search('broken trust|no valid|insecurity proof failed|timed out', shown), f'{name} {kind}: {shown}'


@pytest.mark.parametrize('zone', TOPS)
def test_drill_believes_us(ours, signed, asked, own, top, zone):
    path = top / f'{zone}.keys'
    path.write_text('\n'.join(signed[zone][1]) + '\n', encoding='ascii')
    for (name, kind), said in picked(asked, own, zone):
        if said.renames or said.expected[1] is False:
            continue  # it looks for a signature of the CNAME that a DNAME made, and of what is unsigned
        shown = shown_by('/usr/bin/drill', '-S', '-k', path, '-p', str(ours.port), f'@{ours.address}', name.to_text(), kind)
        assert 'Chase successful' in shown, f'{name} {kind}: {shown}'


@pytest.mark.parametrize('zone', [zone for zone in ZONES if zone != 'plain.parent.test'])
def test_a_check_finds_what_is_missing(ours, signed, zone):
    """Nothing where nothing is; and without one of its records the name of that is told."""
    path = ours.dir / 'checked.zone'
    lines = signed[zone][0].splitlines(True)
    assert not faults(ours, zone, path, lines), f'{zone}: nothing is wrong'
    what = [(line.split()[0], *line.split()[3:6]) for line in lines]  # of an RRSIG what it covers, and the algorithm
    chosen = [i for i, one in enumerate(what) if one[1] in ('RRSIG', 'NSEC', 'NSEC3') and what.count(one) == 1]
    for i in chosen[::max(1, len(chosen) // 8)]:
        found = faults(ours, zone, path, lines[:i] + lines[i + 1:])
        owner = what[i][0].lower() if what[i][1] != 'NSEC3' else ''
        assert found and owner in found, f'{lines[i]}: {found}'


def faults(server, zone, path, lines):
    """What a check says of signatures and of the chain, but for how NSEC3 are hashed."""
    path.write_text(''.join(lines), encoding='ascii')
    done = server.ctl('check-zone', zone, str(path))
    said = done.stdout + done.stderr
    return '\n'.join(line for line in said.splitlines() if re.search('RRSIG|NSEC|DNSKEY', line) and 'RFC 9276' not in line
                     and ': warning: ' in line)


@pytest.mark.parametrize('zone', [zone for zone in ZONES if zone != 'plain.parent.test'])
def test_our_copy_is_sound(ours, signed, top, zone):
    """What we hand out in a transfer, ldns verifies as a whole."""
    path = top / f'{zone}.transferred'
    path.write_text(''.join(f'{owner} {ttl} IN {dns.rdatatype.to_text(kind)} {rdata.to_text()}\n'
                            for owner, kind, ttl, rdata in sorted(ours.transfer(zone), key=str)), encoding='ascii')
    done = subprocess.run(['/usr/bin/ldns-verify-zone', '-V', '2', path], text=True, capture_output=True, timeout=PATIENCE,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
