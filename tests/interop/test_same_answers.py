"""test_same_answers.py - the same zones at settled, Knot, NSD and BIND, and thousands of questions to all of them.

What two of them say, we say; where each says something else, we say what one of them says; or the difference stands in
JUSTIFIED with the RFC that allows it.
"""

import itertools
import pathlib
import re
import zlib

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest

import bulk
import makes

DATA = pathlib.Path(__file__).resolve().parent / 'data'
OTHERS = (makes.Knot, makes.Nsd, makes.Bind)
TYPES_AT = ('A', 'AAAA', 'NS', 'SOA', 'CNAME', 'DNAME', 'DS', 'MX', 'TXT', 'ANY', 'TYPE65400')
TYPES_NEAR = ('A', 'TXT', 'DS', 'NS')
LIKE_BEFORE = 3  # of names that count up, so many are asked for

JUSTIFIED = {  # at and below these names
    'shop.example.com.': 'RFC 1034 4.3.2 3a: "change QNAME, and go back to step 1", which finds our example.net',
    'ring-tree.links.test.': 'RFC 1034 3.6.2: a chain without an end is followed for a while; how far is nowhere said',
    'ring-tree-2.links.test.': 'likewise',
}


@pytest.fixture(scope='module')
def texts(top, zones):
    return {**zones, **{path.stem: makes.compiled(path.stem, path, top) for path in sorted(DATA.glob('*.zone'))}}


@pytest.fixture(scope='module')
def servers(place, texts):
    """Ours first."""
    ours = place.settled('settled').take_zones(makes.ZONES, DATA)
    ours.configure([f'name: {zone}, role: primary, file: {zone}.zone, transfer: [127.0.0.0/8]' for zone in texts]).start()
    others = [place.peer(make).primary(texts).start() for make in OTHERS]
    for server in [ours, *others]:
        for zone in texts:
            server.wait_for(zone)
    return [ours, *others]


def owners_in(text):
    """The zone's owners and their types. Of names that differ only in a number, the first few."""
    types, alike = {}, {}
    for owner, _, _, kind, _ in (line.split(None, 4) for line in text.splitlines()):
        types.setdefault(owner, []).append(kind)
    for owner in types:
        alike.setdefault(re.sub(r'^(\D*)\d+', r'\g<1>0', owner), []).append(owner)
    return {dns.name.from_text(owner): types[owner] for owners in alike.values() for owner in owners[:LIKE_BEFORE]}


def questions_of(zone, text):
    """At each name of the zone, below, beside and above it: {(name, type)} in a fixed order."""
    apex = dns.name.from_text(zone)
    asked = {}
    for owner, types in owners_in(text).items():
        for kind in [*types, *TYPES_AT]:
            asked[owner, kind] = None
        for name, kind in itertools.product(near(owner, apex), TYPES_NEAR):
            asked[name, kind] = None
    return list(asked)


def near(owner, apex):
    first, rest = owner.labels[0], owner.labels[1:]
    below = [(b'x', *owner.labels), (b'a', b'b', *owner.labels), (b'*', *owner.labels)]
    beside = [(first[:-1] + b'0', *rest), (first[:62] + b'-', *rest)] if owner != apex else []
    for labels in below + beside:
        if sum(len(label) + 1 for label in labels) <= 255:
            yield dns.name.Name(labels)
    while len(owner) > len(apex) - 1 and len(owner) > 1:
        owner = owner.parent()
        yield owner


def mixed_case(name):
    return dns.name.Name([bytes(c ^ 0x20 if i % 2 and chr(c).isalpha() and c < 128 else c for i, c in enumerate(label))
                          for label in name.labels])


def question(name, kind):
    """In one of the ways that questions come in, always the same for the same question."""
    way = zlib.crc32(f'{name} {kind}'.encode()) % 5
    if way == 0:
        name = mixed_case(name)
    options = [{}, {'use_edns': 0, 'payload': 1232}, {'use_edns': 0, 'payload': 1232, 'want_dnssec': True}]
    message = dns.message.make_query(name, kind, **options[way % 3])
    message.flags &= ~dns.flags.RD
    return message.to_wire()


def most_said(answers):
    """What two or more say; if there is no such thing, what anybody says."""
    return [a for a in answers if answers.count(a) > 1] or answers


def is_justified(name):
    return any(name.is_subdomain(dns.name.from_text(below)) for below in JUSTIFIED)


@pytest.mark.parametrize('zone', sorted(path.stem for place in (makes.ZONES, DATA) for path in place.glob('*.zone')))
def test_we_answer_as_others_do(servers, texts, zone):
    asked = questions_of(zone, texts[zone])
    wires = [question(name, kind) for name, kind in asked]
    answers = [[bulk.content(wire) for wire in bulk.ask_all(server, wires)] for server in servers]
    agreed, different = 0, []
    for (name, kind), ours, *others in zip(asked, *answers):
        agreed += len(set(others)) == 1
        if ours not in most_said(others) and not is_justified(name):
            said = [f'{server.name}: {answer}' for server, answer in zip(servers, [ours, *others])]
            different.append('\n  '.join([f'{name} {kind}', *said]))
    assert not different, f'{len(different)} of {len(asked)}:\n' + '\n'.join(different[:40])
    assert agreed > len(asked) * 0.6, f'the others agree on {agreed} of {len(asked)} answers only'


def test_other_names_are_refused(servers):
    asked = [(dns.name.from_text(name), kind) for name in ('.', 'test', 'com', 'example.org', 'www.example.org')
             for kind in TYPES_AT]
    wires = [question(name, kind) for name, kind in asked]
    for ours in map(bulk.content, bulk.ask_all(servers[0], wires)):
        assert (ours.rcode, ours.flags, ours.answer, ours.authority) == (dns.rcode.REFUSED, 0, frozenset(), frozenset())


def test_the_copies_are_the_same_record_for_record(servers, texts):
    for zone in texts:
        ours = servers[0].transfer(zone)
        for other in servers[1:]:
            assert other.transfer(zone) == ours, f'{zone} at {other.name}'
