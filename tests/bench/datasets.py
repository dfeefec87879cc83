"""datasets.py - the zones that are served, and the questions asked, each with what a right answer has.

Four sets: one zone of 1,000 names; the same, but the letters of each question are small and large as in no other, so that nobody
can know an answer by its octets; one of a million names, most of them delegations, as a registry has; 10,000 zones of ten
records. A fifth of the questions each is positive, NXDOMAIN, NODATA, a referral, and answered from a wildcard. All questions
of a set are equally long: flood.c sends them in bursts that the kernel takes apart by length.
"""

import random
import struct

A, TXT = 1, 16
NOERROR, NXDOMAIN = 0, 3
WORDS = ('mail', 'shop', 'corp', 'blog', 'host', 'data', 'apps', 'wiki')
SOA = '@ SOA ns1 host {serial} 3600 900 1209600 600\n'


def wire(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.')) + b'\0'


def some_case(name, chance):
    """With letters small or large by chance (what resolvers do against forged answers)."""
    return ''.join(letter.upper() if chance.random() < 0.5 else letter for letter in name)


def question(name, kind, rcode=NOERROR, authoritative=True, counts=(0, 0, 0)):
    """As flood.c reads it. `counts`: records in the answer section, at least so many in the others."""
    packet = struct.pack('!6H', 0, 0, 1, 0, 0, 0) + wire(name) + struct.pack('!2H', kind, 1)
    return struct.pack('!5BH', rcode, authoritative, *counts, len(packet)) + packet


def positive(name):
    return question(name, A, counts=(1, 0, 0))


def nodata(name):
    return question(name, TXT, counts=(0, 1, 0))


def nxdomain(name):
    return question(name, A, rcode=NXDOMAIN, counts=(0, 1, 0))


def referral(name, servers, glue):
    return question(name, A, authoritative=False, counts=(0, servers, glue))


class DataSet:
    """`zones` as name and file, `probe`: names whose A says that all is served, `records` in all."""

    def __init__(self, name, title, top):
        self.name, self.title = name, title
        self.dir = top / name
        self.dir.mkdir()
        self.zones, self.probe, self.records = [], [], 0
        self.chance = random.Random(1)
        self.asked = []

    def add_zone(self, zone, text):
        path = self.dir / f'{zone}.zone'
        path.write_text(f'$ORIGIN {zone}.\n$TTL 3600\n{SOA.format(serial=1)}{text}', encoding='ascii')
        self.zones.append((zone, path))
        self.records += text.count('\n') + 1

    def close(self):
        self.chance.shuffle(self.asked)
        self.questions = self.dir / 'questions'
        self.questions.write_bytes(b''.join(self.asked))
        self.asked = []
        return self


def one_zone(name, title, top, names, asked, spell=lambda name, chance: name):
    """A zone of so many names: a tenth has addresses, the others are delegated, of these two fifths to servers below
    themselves. `spell` says how a name is written in a question."""
    data = DataSet(name, title, top)
    zone = f'{name}.test'
    width = len(str(names - 1))
    lines, addresses, cuts = ['@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n*.w A 192.0.2.3\n'], [], []
    for i in range(names):
        owner = f'{WORDS[data.chance.randrange(len(WORDS))]}{i:0{width}}'
        if i % 10 == 3:
            lines.append(f'{owner} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n')
            addresses.append(owner)
        elif i % 5 < 2:
            lines.append(f'{owner} NS ns1.{owner}\n{owner} NS ns2.{owner}\n'
                         f'ns1.{owner} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n'
                         f'ns2.{owner} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n')
            cuts.append((owner, 2))
        else:
            lines.append(f'{owner} NS ns1.hoster{i}.example.\n{owner} NS ns2.hoster{i}.example.\n')
            cuts.append((owner, 0))
    data.add_zone(zone, ''.join(lines))
    pick = data.chance.choice
    for _ in range(asked // 5):
        number = data.chance.randrange(names)
        owner, glue = pick(cuts)
        names_asked = [pick(addresses), pick(addresses), f'none{number:0{width}}', owner, f'{number:0{width + 2}}.w']
        a, b, c, d, e = (spell(f'{asked_for}.{zone}', data.chance) for asked_for in names_asked)
        data.asked += [positive(a), nodata(b), nxdomain(c), referral(d, 2, glue), positive(e)]
    data.probe = [f'{addresses[-1]}.{zone}']
    data.edited = f'{addresses[0]}.{zone}'
    return data.close()


def many_zones(name, title, top, count, asked):
    data = DataSet(name, title, top)
    width = len(str(count - 1))
    names = [f'z{i:0{width}}.test' for i in range(count)]
    for zone in names:
        data.add_zone(zone, '@ NS ns1\n@ A 192.0.2.1\n@ MX 10 mail\nns1 A 192.0.2.2\nmail A 192.0.2.3\nwww A 192.0.2.4\n'
                            '*.w A 192.0.2.5\nsub NS ns.sub\nns.sub A 192.0.2.6\n')
    pick = data.chance.choice
    for _ in range(asked // 5):
        data.asked += [positive(f'www.{pick(names)}'), nodata(f'www.{pick(names)}'), nxdomain(f'non.{pick(names)}'),
                       referral(f'sub.{pick(names)}', 1, 1), positive(f'x.w.{pick(names)}')]
    data.probe = [f'www.{zone}' for zone in names[::max(1, count // 100)]] + [f'www.{names[-1]}']
    data.edited = f'www.{names[0]}'
    return data.close()


def edited(text, owner, address, serial):
    """The text of a zone file with another serial and another address of this owner."""
    before, found, after = text.partition(f'\n{owner.partition(".")[0]} A '.encode())
    assert found
    before = before.replace(SOA.format(serial=1).encode(), SOA.format(serial=serial).encode(), 1)
    return before + found + address.encode() + after[after.index(b'\n'):]


def empty(top):
    """What a server is without zones worth the name: its memory is taken off."""
    data = DataSet('empty', 'nothing', top)
    data.add_zone('empty.test', '@ NS ns1\nns1 A 192.0.2.1\n')
    data.asked = [positive('ns1.empty.test')]
    data.probe = ['ns1.empty.test']
    return data.close()


LOADED = ('big', 'many')  # those whose loading and editing is measured
WITH_TWO_WORKERS = ('small', 'big')
SETS = {
    'small': lambda top: one_zone('small', '1 zone, 1,000 names', top, 1000, 5000),
    'fresh': lambda top: one_zone('fresh', '1 zone, 1,000 names, each question new', top, 1000, 100_000, some_case),
    'big': lambda top: one_zone('big', '1 zone, 1 M names', top, 1_000_000, 200_000),
    'many': lambda top: many_zones('many', '10,000 zones of 10', top, 10_000, 100_000),
}
