"""test_differential.py - zones of chance at settled, Knot, NSD and BIND: unsigned, NSEC, NSEC3, opt-out, one below another.

Asked for is each name and what is around it, in every form a question comes in, over UDP and TCP. What two of the others say,
we say; where each says something else, we say what one of them says; or the difference is an entry of KNOWN. The same zones
and questions each time; DIFFER_SEEDS=1-100 makes others, DIFFER_QUESTIONS=100000 asks all there is to ask.
"""

import concurrent.futures
import itertools
import os
import zlib

import dns.name
import dns.rcode
import dns.rdatatype
import pytest

import bulk
import makes
import random_zones
import signing
from test_same_answers import OTHERS, mixed_case, near, owners_in

QUESTIONS = int(os.environ.get('DIFFER_QUESTIONS', 500))  # at most so many of a zone
TYPES_AT = ['A', 'NS', 'SOA', 'DS', 'TXT', 'ANY', 'RRSIG', 'NSEC', 'TYPE65400', 'CNAME', 'DNAME', 'DNSKEY']
TYPES_NEAR = ['A', 'NS', 'DS', 'TXT']
LEAST_AGREED = 0.25  # of the questions: of forty zones of chance 0.45 to 1.0 was seen, and it is 0 where a zone is refused
SIGNED = {1: None, 2: [], 3: ['-3', 'aabb', '-H', '1'], 0: ['-3', '-', '-A']}  # by the seed: how dnssec-signzone signs


def seeds():
    for part in os.environ.get('DIFFER_SEEDS', '1-4').split(','):
        first, _, last = part.partition('-')
        yield from range(int(first), int(last or first) + 1)


ZONES = [zone for seed in seeds() for zone in (f'r{seed}.test', f'kid.r{seed}.test')]


class Form:
    """A form that a question comes in."""

    def __init__(self, flags=0, edns=None, do=False, options=b'', mixed=False):
        self.flags, self.edns, self.do, self.options, self.mixed = flags, edns, do, options, mixed
        self.room = min(max(edns or 0, 512), 1232)

    def wire(self, name, kind):
        name = mixed_case(name) if self.mixed else name
        question = name.to_wire() + kind.to_bytes(2, 'big') + b'\0\1'
        head = b'\0\0' + self.flags.to_bytes(2, 'big') + b'\0\1\0\0\0\0'
        if self.edns is None:
            return head + b'\0\0' + question
        opt = b'\0\0\x29' + self.edns.to_bytes(2, 'big') + b'\0\0' + (0x8000 * self.do).to_bytes(2, 'big')
        return head + b'\0\1' + question + opt + len(self.options).to_bytes(2, 'big') + self.options


QR, RD, CD = 0x8000, 0x100, 0x10
FORMS = [Form(), Form(edns=1232), Form(edns=1232, do=True), Form(edns=1232, do=True, mixed=True), Form(RD | CD, 1232, True),
         Form(edns=1232, options=b'\xff\xfe\0\2hi'), Form(edns=4096, do=True, mixed=True), Form(edns=512, do=True),
         Form(mixed=True), Form(edns=0, do=True)]


# ---- where we stand alone and mean it: of whom, how such a difference is told from all others, and why it is


class Case:
    """A question, what we say and what another says, and the names that there are."""

    def __init__(self, names, question, ours, theirs):
        self.names, self.kind, self.ours, self.theirs = names, question[1], ours, theirs
        self.qname = question[0].to_wire().lower()

    def end(self, answer):
        """Where the chain of aliases leads in that answer."""
        targets = {owner: rdata for owner, _, _, rdata in of_types(answer.answer, 'CNAME')}
        name = self.qname
        for _ in targets:
            name = targets.get(name, name)
        return name


def is_an_alias_without_end(case):
    """RFC 1034 3.6.2: a chain without an end is followed for a while; how far is nowhere said, nor that it is an error."""
    ours, theirs = case.ours.answer, case.theirs.answer
    return len(of_types(ours, 'CNAME')) == LINKS and (theirs <= ours or ours <= theirs)


def is_any(case):
    """RFC 8482 4.1: to ANY, one or more of the RRsets there, of the server's choice."""
    return case.kind == dns.rdatatype.ANY and case.ours.answer and case.theirs.answer and case.ours.rcode == case.theirs.rcode


def is_nsec_at_an_alias(case):
    """RFC 1034 4.3.2 3a: where there is a CNAME, and no NSEC or RRSIG, the CNAME is the answer."""
    return case.kind in (dns.rdatatype.NSEC, dns.rdatatype.RRSIG) and of_types(case.ours.answer, 'CNAME') \
        and not of_types(case.theirs.answer, 'CNAME')


def is_end_in_another_zone(case):
    """RFC 1034 4.3.2 3a: "change QNAME, and go back to step 1", which finds the other zone. They stay in the first."""
    end = case.end(case.theirs)
    last = next((owner for owner, _, _, rdata in of_types(case.theirs.answer, 'CNAME') if rdata == end), end)
    stays = all(record[0] in case.names.apexes for record in of_types(case.theirs.authority, 'NS', 'SOA', 'DS'))
    return case.theirs.answer <= case.ours.answer and case.theirs.rcode == 0 and stays \
        and case.names.zone(end) != case.names.zone(last)


def is_ds_behind_an_alias(case):
    """RFC 4035 3.1.4.1: a DS is the parent's, also at the end of a chain. They ask the zone that the chain came through."""
    return case.kind == dns.rdatatype.DS and case.end(case.ours) in case.names.apexes and case.end(case.ours) != case.qname


def is_glue_of_a_wildcard(case):
    """RFC 4592 4.2: a wildcard below a cut is not the zone's to make anything of. They make glue of it."""
    more = case.theirs.glue - case.ours.glue
    less = case.ours.glue - case.theirs.glue
    return case.ours[:4] == case.theirs[:4] and all(record[0] not in case.names.owners for record in more) \
        and not any(case.names.cuts & set(suffixes(record[0])) for record in less)


def is_glue_left_out(case):
    """RFC 9471 3: a referral has all the glue there is, or TC. They have less where room is short."""
    return case.ours[:4] == case.theirs[:4] and case.theirs.glue < case.ours.glue


def is_nsec_at_a_cut(case):
    """RFC 4035 3.1.4.1: at a cut it is DS alone that the zone above answers. BIND does so for NSEC, too."""
    return case.kind == dns.rdatatype.NSEC and case.qname in case.names.cuts and not case.ours.answer and not case.ours.flags


def is_more_proof_than_needed(case):
    """RFC 4035 3.1.3.1, 5155 7.2.3: of a name that is there, one NSEC or NSEC3 says which types it has."""
    more = case.theirs.authority - case.ours.authority
    return case.end(case.ours) in case.names.all and case.ours[:3] == case.theirs[:3] \
        and case.ours.authority <= case.theirs.authority and of_types(more, 'NSEC', 'NSEC3', 'RRSIG') == more


def is_opted_out_and_empty(case):
    """RFC 5155 7.2.4: of a name without NSEC3 the closest provable encloser is shown, and what covers the name below it."""
    more = case.ours.authority - case.theirs.authority
    return case.end(case.ours) in case.names.all and case.ours[:3] == case.theirs[:3] \
        and case.theirs.authority < case.ours.authority and of_types(more, 'NSEC3', 'RRSIG') == more


def is_wildcard_not_covered(case):
    """RFC 4035 3.1.3.2: an NSEC has to cover the wildcard. NSD takes one that does not, where a label begins with an octet 0."""
    wildcard = case.names.wildcard(case.end(case.ours))
    return case.ours.rcode == dns.rcode.NXDOMAIN and case.ours[:3] == case.theirs[:3] \
        and is_covered(wildcard, case.ours) and not is_covered(wildcard, case.theirs)


def is_wildcard_without(case):
    """RFC 4035 3.1.3.4, 5155 7.2.5: that the wildcard has no such type is proved, too, also where it has none at all."""
    proofs = case.ours.authority - case.theirs.authority
    wildcard = case.names.wildcard(case.end(case.ours))
    return wildcard in case.names.all and case.ours[:3] == case.theirs[:3] \
        and case.theirs.authority <= case.ours.authority and of_types(proofs, 'NSEC', 'NSEC3', 'RRSIG') == proofs


KNOWN = [
    ('knot nsd bind', is_an_alias_without_end),
    ('knot nsd bind', is_any),
    ('knot bind', is_nsec_at_an_alias),
    ('knot bind', is_end_in_another_zone),
    ('knot bind', is_ds_behind_an_alias),
    ('knot nsd', is_glue_of_a_wildcard),
    ('nsd bind', is_glue_left_out),
    ('bind', is_nsec_at_a_cut),
    ('nsd', is_more_proof_than_needed),
    ('nsd', is_opted_out_and_empty),
    ('nsd', is_wildcard_not_covered),
    ('knot nsd bind', is_wildcard_without),
]
LINKS = 8  # of a chain that we follow


class Names:
    """What is there in all zones, as octets in lower case."""

    def __init__(self, texts):
        self.apexes = {dns.name.from_text(zone).to_wire() for zone in texts}
        lines = [line.split(None, 4) for text in texts.values() for line in text.splitlines()]
        wire = {owner: dns.name.from_text(owner).to_wire().lower() for owner, *_ in lines}
        self.owners = set(wire.values())
        self.cuts = {wire[line[0]] for line in lines if line[3] == 'NS'} - self.apexes
        self.all = {above for owner in self.owners for above in suffixes(owner)}

    def zone(self, name):
        return next((above for above in suffixes(name) if above in self.apexes), None)

    def wildcard(self, name):
        """The one that could stand for a name."""
        encloser = next((above for above in suffixes(name) if above in self.all), b'')
        return b'\1*' + encloser


def in_order(name):
    """What RFC 4034 6.1 orders names by."""
    return [above[1:1 + above[0]] for above in suffixes(name)][::-1]


def is_covered(name, answer):
    """Does an NSEC in the answer deny the name?"""
    for owner, _, _, rdata in of_types(answer.authority, 'NSEC'):
        end = next(at for at in label_ends(rdata) if not rdata[at])
        first, last = in_order(owner), in_order(rdata[:end + 1])
        if first < in_order(name) and (in_order(name) < last or last <= first):
            return True
    return False


def label_ends(name):
    at = 0
    while True:
        yield at
        at += name[at] + 1


def suffixes(name):
    at = 0
    while name[at]:
        yield name[at:]
        at += name[at] + 1


def of_types(records, *kinds):
    codes = [dns.rdatatype.from_text(kind) for kind in kinds]
    return {record for record in records if record[1] in codes}


@pytest.fixture(scope='module')
def texts(top):
    """{zone: text}"""
    inside = top / 'differential-signing'
    inside.mkdir()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        families = list(pool.map(lambda seed: signed_family(inside, seed), seeds()))
    return {zone: text for family in families for zone, text in family.items()}


def signed_family(inside, seed):
    """The child first: the parent's DS come from it."""
    parent, child = random_zones.family(seed).items()
    options, zones = SIGNED[seed % 4], {}
    for zone, text in child, parent:
        if options is None:
            (inside / zone).write_text(text, encoding='ascii')
            zones[zone] = makes.compiled(zone, inside / zone, inside)
        else:
            zones[zone], _ = signing.by_bind(inside, zone, text, 'ECDSAP256SHA256', *options)
    return zones


@pytest.fixture(scope='module')
def servers(place, texts):
    """Ours first."""
    ours = place.settled('settled')
    ours.zones.mkdir()
    for zone, text in texts.items():
        (ours.zones / f'{zone}.zone').write_text(text, encoding='ascii')
    ours.configure([f'name: {zone}, role: primary, file: {zone}.zone, transfer: [127.0.0.0/8]' for zone in texts]).start()
    others = [place.peer(make).primary(texts).start() for make in OTHERS]
    for server in [ours, *others]:
        for zone in texts:
            server.wait_for(zone)
    return [ours, *others]


@pytest.fixture(scope='module')
def names(texts):
    return Names(texts)


def questions_of(zone, text):
    """[(name, type)], those with the smallest checksums if there are too many."""
    apex, found = dns.name.from_text(zone), {}
    for owner, types in owners_in(text).items():
        if set(types) <= {'NSEC3', 'RRSIG'} and len(found) % 4:
            continue
        found.update({(owner, kind): None for kind in [*types, *TYPES_AT]})
        found.update({one: None for one in itertools.product(near(owner, apex), TYPES_NEAR)})
        found[longest(owner), 'A'] = None
    asked = [(name, dns.rdatatype.from_text(kind)) for name, kind in found]
    return sorted(asked, key=chance)[:QUESTIONS]


def longest(owner):
    """A name of 255 octets below it."""
    labels = list(owner.labels)
    left = 255 - len(owner.to_wire())
    while left > 1:
        size = min(63, left - 1)
        size -= left - 1 - size == 1  # so that no single octet is left
        labels.insert(0, b'l' * size)
        left -= size + 1
    return dns.name.Name(labels)


def chance(question):
    return zlib.crc32(question[0].to_wire() + bytes([question[1] % 256]))


def form_of(question):
    return FORMS[chance(question) // 7 % len(FORMS)]


def is_over_tcp(question):
    return chance(question) // 11 % 5 == 0


def ask(server, asked):
    """What the server says to each question: [octets]. Some are asked over TCP."""
    wires = [form_of(one).wire(*one) for one in asked]
    answers = bulk.ask_all(server, wires)
    streamed = [i for i, one in enumerate(asked) if is_over_tcp(one)]
    for i, answer in zip(streamed, bulk.ask_all_tcp(server, [wires[i] for i in streamed])):
        answers[i] = answer
    return answers


def ask_whole(server, asked, answers, which):
    """The same, where `which` says so over TCP, for servers differ in what they leave out of a datagram."""
    wires = [form_of(asked[i]).wire(*asked[i]) for i in which]
    answers = list(answers)
    for i, answer in zip(which, bulk.ask_all_tcp(server, wires)):
        answers[i] = answer
    return answers


def has_tc(answer):
    return answer[2] & 2


def most_said(answers):
    return [a for a in answers if answers.count(a) > 1] or answers


@pytest.mark.parametrize('zone', ZONES)
def test_we_stand_alone_nowhere(servers, names, texts, zone):
    asked = questions_of(zone, texts[zone])
    said = [ask(server, asked) for server in servers]
    cut = [i for i in range(len(asked)) if any(has_tc(answers[i]) for answers in said)]
    whole = [ask_whole(server, asked, answers, cut) for server, answers in zip(servers, said)]
    faults = [f'{shown(asked[i])}: {why}' for i, answer in enumerate(said[0]) for why in faults_in(asked[i], answer)]
    faults += [f'{shown(asked[i])}: {why}' for i in cut for why in faults_of_size(asked[i], said[0][i], whole[0][i])]
    assert not faults, '\n'.join(faults[:40])
    agreed, alone = [0] * len(OTHERS), []
    for question, ours, *others in zip(asked, *(map(bulk.content, answers) for answers in whole)):
        agreed = [n + (theirs == ours) for n, theirs in zip(agreed, others)]
        if ours not in most_said(others) and not all(is_known(names, server, question, ours, theirs)
                                                     for server, theirs in zip(servers[1:], others)):
            lines = [f'{server.name}: {answer}' for server, answer in zip(servers, [ours, *others])]
            alone.append('\n  '.join([shown(question), *lines]))
    assert not alone, f'{len(alone)} of {len(asked)}:\n' + '\n'.join(alone[:40])
    # Who refuses the zone, or has another one, says next to nothing of what we say; then too few are left to stand alone among.
    for server, count in zip(servers[1:], agreed):
        assert count > len(asked) * LEAST_AGREED, f'{server.name} says what we say to {count} of {len(asked)} questions only'


def is_known(names, server, question, ours, theirs):
    case = Case(names, question, ours, theirs)
    return ours == theirs or any(server.make in makes_of.split() and fits(case) for makes_of, fits in KNOWN)


def shown(question):
    return f'{question[0]} {dns.rdatatype.to_text(question[1])}'


def faults_in(question, answer):
    """What is wrong with how an answer of ours is made, whatever it says."""
    form, message = form_of(question), bulk.Message(answer)
    asked = form.wire(*question)
    end = 12 + len(question[0].to_wire()) + 4
    if asked[12:end] != answer[12:end]:
        yield 'the question is not the one that was asked'
    if message.flags & ~(bulk.AA | bulk.TC | 15) != QR | form.flags:
        yield f'flags {message.flags:04x}'
    if (message.opt is None) != (form.edns is None):
        yield 'OPT came uncalled for, or did not come'
    if message.opt is not None and (message.opt[0] != 1232 or message.opt[1] & 0xffffff != 0x8000 * form.do):
        yield f'OPT {message.opt}'
    if not is_over_tcp(question) and len(answer) > form.room:
        yield f'{len(answer)} octets in a datagram for {form.room}'
    if is_over_tcp(question) and has_tc(answer):
        yield 'TC over TCP'


def faults_of_size(question, answer, whole):
    """Truncated is what does not fit, and nothing that has to be there is missing from the rest."""
    if has_tc(answer) and len(whole) <= form_of(question).room:
        yield f'truncated, but {len(whole)} octets would have fit'
    if not has_tc(answer) and needed(bulk.content(answer)) != needed(bulk.content(whole)):
        yield 'over UDP something else than over TCP'


def needed(content):
    """Without addresses that may be missing: all but those in what is delegated (RFC 9471 3.1)."""
    cuts = {record[0] for record in of_types(content.authority, 'NS')}
    return content[:4], {record for record in content.glue if cuts & set(suffixes(record[0]))}
