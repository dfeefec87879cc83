"""random_zones.py - zones of chance, with everything in them that makes an answer differ from another; the same for a seed."""

import random

LABELS = ['a', 'b', 'c', 'A-b', 'x', '_tcp', r'\000', r'dot\.in', r'sp\032ace', r'\255\200', 'MiXeD', r'q\"uote', '1', 'm' * 63]
TYPES = ['A', 'AAAA', 'TXT', 'MX', 'SRV', 'CAA', 'TYPE65400', 'PTR', 'HINFO', 'SVCB']
ALONE = ('CNAME', 'NS', 'DNAME')  # what a name of these kinds is
ELSEWHERE = ['www.example.org.', 'x.other.invalid.']
LONGEST = 240  # octets of an owner, so that there is room beside and below


class Maker:
    """Builds up one zone: {owner: [(TTL, type, rdata)]}; an owner is a tuple of labels, without those of the zone."""

    def __init__(self, seed, zone, owners, others=()):
        self.random, self.zone, self.others = random.Random(f'{seed} {zone}'), zone, list(others)
        self.records, self.kinds = {}, {(): 'apex'}
        self.add((), 'SOA', f'ns.{zone}. hostmaster.{zone}. 1 3600 900 1209600 {self.random.choice([60, 300, 7200])}', 3600)
        self.add((), 'NS', f'ns.{zone}.', 3600)
        self.add((), 'NS', 'ns.example.org.', 3600)
        self.add(('ns',), 'A', '192.0.2.1')
        self.kinds['ns',] = 'data'
        for _ in range(owners):
            self.owner()

    def text(self):
        """A whole record on each line."""
        return ''.join(f'{self.full(owner)} {ttl} IN {kind} {rdata}\n' for owner, sets in self.records.items()
                       for ttl, kind, rdata in sets)

    def full(self, owner):
        return '.'.join([*owner, self.zone, ''])

    def add(self, owner, kind, rdata, ttl=None):
        sets = self.records.setdefault(owner, [])
        known = [one[0] for one in sets if one[1] == kind]
        sets.append((known[0] if known else ttl or self.random.choice([0, 5, 300, 3600, 86400]), kind, rdata))

    def owner(self):
        """One name more, below, above or beside those that are there."""
        owner = list(self.random.choice(list(self.kinds)))
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 3])):
            owner.insert(0, self.random.choice(LABELS) if self.random.random() < 0.8 else '*')
        if self.random.random() < 0.2 and owner:
            owner.pop(0)
        owner = tuple(owner)
        if sum(map(octets, owner)) > LONGEST - len(self.zone) or owner in self.kinds or self.is_below(owner, 'DNAME'):
            return
        kind = self.random.choices(['data', 'CNAME', 'NS', 'DNAME'], [10, 4, 3, 2])[0]
        if owner[0] == '*' and kind in ('NS', 'DNAME'):
            kind = 'data'  # what those mean, RFC 4592 4.2 and 4.4 leave open
        if kind == 'DNAME' and any(other[-len(owner):] == owner for other in self.kinds):
            kind = 'CNAME'
        self.kinds[owner] = kind
        getattr(self, f'as_{kind.lower()}')(owner)

    def is_below(self, owner, kind):
        return any(self.kinds.get(owner[n:]) == kind for n in range(1, len(owner)))

    def target(self):
        """A name that is there, or beside or below one, or of somebody else."""
        if self.random.random() < 0.1:
            return self.random.choice([*ELSEWHERE, *(f'a.{other}.' for other in self.others)])
        owner = self.random.choice(list(self.kinds))
        if self.random.random() < 0.4:
            owner = (self.random.choice(LABELS[:6]), *owner)
        return self.full(owner) if sum(map(octets, owner)) <= LONGEST - len(self.zone) else self.full(())

    def as_data(self, owner):
        for kind in self.random.sample(TYPES, self.random.choice([1, 1, 2, 3])):
            for _ in range(self.random.choice([1, 1, 2, 3])):
                self.add(owner, kind, self.rdata(kind))
        if self.random.random() < 0.07:
            for number in range(30):  # for truncation
                self.add(owner, 'TXT', f'"{number} {"x" * self.random.randrange(60)}"')

    def rdata(self, kind):
        number = self.random.randrange(250)
        return {'A': f'192.0.2.{number}', 'AAAA': f'2001:db8::{number:x}', 'TXT': rf'"{number}\"\\\000"',
                'MX': f'{number} {self.target()}', 'SRV': f'{number} 1 2 {self.target()}', 'CAA': f'0 issue "{number}"',
                'TYPE65400': rf'\# 1 {number:02x}', 'PTR': self.target(), 'HINFO': f'"{number}" "Y"',
                'SVCB': f'{number + 1} {self.target()} port={number}'}[kind]

    def as_cname(self, owner):
        self.add(owner, 'CNAME', self.target())

    def as_dname(self, owner):
        target = self.target()
        self.add(owner, 'DNAME', target)
        if self.random.random() < 0.5:
            self.add(owner, 'A', '192.0.2.9')

    def as_ns(self, owner):
        """A delegation, with servers in it, beside it, in another one, elsewhere, or nowhere; maybe with a DS, hidden data."""
        for _ in range(self.random.choice([1, 1, 2, 3])):
            where = self.random.choice(['in', 'in', 'deep', 'zone', 'sibling', 'else', 'nowhere'])
            cuts = [o for o, kind in self.kinds.items() if kind == 'NS']
            name = {'in': ('ns', *owner), 'deep': ('ns', 'deep', *owner), 'zone': ('ns',), 'nowhere': ('no-such', *owner),
                    'sibling': ('ns', *self.random.choice(cuts)), 'else': None}[where]
            self.add(owner, 'NS', self.full(name) if name else 'ns.example.net.')
            if where in ('in', 'deep', 'sibling') and name not in self.kinds:
                self.kinds[name] = 'glue'
                self.add(name, 'A', '192.0.2.53')
                if self.random.random() < 0.5:
                    self.add(name, 'AAAA', '2001:db8::53')
        if self.random.random() < 0.4:
            self.add(owner, 'DS', f'{self.random.randrange(65536)} 13 2 {"0123456789abcdef" * 4}')
        if self.random.random() < 0.3:
            self.add(owner, 'TXT', '"hidden at the cut"')
        if self.random.random() < 0.3:
            for hidden in ('hidden', *owner), ('*', *owner):
                if hidden not in self.kinds:
                    self.kinds[hidden] = 'hidden'
                    self.add(hidden, 'A', '192.0.2.54')


def octets(label):
    """A label as long as it is written, which is enough."""
    return len(label) + 1


def family(seed):
    """{zone: text}: a zone, and one below it that it delegates. They point to each other."""
    top = f'r{seed}.test'
    child = f'kid.{top}'
    parent = Maker(seed, top, 40, [child])
    parent.records[('kid',)] = [(3600, 'NS', f'ns.{child}.')]
    parent.records[('ns', 'kid')] = [(3600, 'A', '192.0.2.2')]
    return {top: parent.text(), child: Maker(seed, child, 25, [top]).text()}
