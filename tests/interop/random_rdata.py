"""random_rdata.py - well-formed rdata of chance for every type of our table, along its layout (src/wire/rrtype.h)."""

import pathlib
import random
import re

TABLE = pathlib.Path(__file__).resolve().parents[2] / 'src' / 'wire' / 'rrtype.def'
LETTERS = 'abcXYZ059-_'
NO_LIST = bytes(120 if c in b'\0,\\' else c for c in range(256))
NO_QUOTE = bytes(43 if c in b'"@' else c for c in range(256))
HARD = b'\0\x7f\xff"\\.;() \t@$*\n'


def types():
    """{mnemonic: (code, layout or None)}, of types that may stand in a zone."""
    rows = re.findall(r'^RRTYPE\("([^"]+)", (\d+), (?:"([^"]*)"|NULL)', TABLE.read_text(encoding='ascii'), re.M)
    return {name: (int(code), layout or None) for name, code, layout in rows if int(code) != 41 and not 128 <= int(code) < 256}


class Dice(random.Random):
    def octets(self, least=0, most=40):
        return bytes(self.choice(HARD) if self.random() < 0.3 else self.randrange(256)
                     for _ in range(self.randint(least, most)))

    def number(self, size):
        return self.choice([0, 1, 256 ** size - 1, self.randrange(256 ** size)]).to_bytes(size, 'big')

    def words(self, least=1, most=12):
        return ''.join(self.choice(LETTERS) for _ in range(self.randint(least, most))).encode()

    def name(self):
        """In lower case, for NSD keeps no other. No label ends with a backslash: NSD takes the name for a relative one then.

        No quote and no @ either: ldns prints the first, and reads the other, without a backslash."""
        if self.random() < 0.1:
            return b'\0'
        labels = [self.octets(1, self.choice([3, 10, 63])) if self.random() < 0.3 else self.words()
                  for _ in range(self.randint(1, 3))]
        labels = [label.lower().translate(NO_QUOTE).rstrip(b'\\') or b'x' for label in labels]
        return b''.join(bytes([len(label)]) + label for label in labels) + b'\0'

    def plain_name(self):
        return b'\2gw' + bytes([4]) + self.words(4, 4).lower() + b'\0'

    def string(self, most=None):
        text = self.octets(0, most or self.choice([5, 40, 255]))
        return bytes([len(text)]) + text

    def bitmap(self, least=1):
        kinds = sorted({self.choice([1, 2, 5, 6, 15, 16, 28, 46, 47, 256, 257, 1234, 65280, 65534])
                        for _ in range(self.randint(least, 8))})
        windows = {}
        for kind in kinds:
            windows.setdefault(kind >> 8, bytearray(32))[kind >> 3 & 31] |= 0x80 >> (kind & 7)
        return b''.join(bytes([window, len(bits.rstrip(b'\0'))]) + bits.rstrip(b'\0') for window, bits in sorted(windows.items()))

    def field(self, letter):
        sizes = {'b': 1, 'h': 2, 'w': 4, 't': 4, 'l': 4, '4': 4, '6': 16}
        if letter in sizes:
            return self.number(sizes[letter])
        return {
            'T': lambda: self.choice([1, 2, 6, 15, 257, 1234, 65280]).to_bytes(2, 'big'),
            'n': self.name, 'd': self.name, 'N': self.name,
            's': self.string,
            'S': lambda: b''.join(self.string() for _ in range(self.randint(1, 3))),
            'q': lambda: self.octets(1, self.choice([10, 300])),
            'x': lambda: self.octets(1, 40), 'B': lambda: self.octets(1, 70),
            'X': lambda: self.string(20),
            'H': lambda: b'\x14' + self.octets(20, 20),
            'm': self.bitmap,
        }[letter]()

    def rdata(self, name, layout):
        special = getattr(self, 'of_' + name.lower().replace('-', '_'), None)
        if special:
            return special()
        if layout is None:
            return self.octets()
        if name == 'SINK' and self.random() < 0.3:
            return self.octets(3, 3)  # it may have no data
        return b''.join(self.field(letter) for letter in layout)

    # ---- what the letters do not say

    def of_wks(self):
        return self.number(4) + bytes([self.choice([6, 17])]) + self.octets(0, 20).rstrip(b'\0') + b'\1'

    def of_x25(self):
        digits = ''.join(self.choice('0123456789') for _ in range(self.randint(4, 15))).encode()
        return bytes([len(digits)]) + digits

    def of_isdn(self):
        return self.string() + (self.string() if self.random() < 0.5 else b'')

    def of_nsap(self):
        return self.octets(1, 20)

    def of_gpos(self):
        texts = [f'{self.uniform(-90, 90):.4f}', f'{self.uniform(-180, 180):.2f}', f'{self.uniform(-100, 9000):.1f}']
        return b''.join(bytes([len(text)]) + text.encode() for text in texts)

    def of_key(self):
        return self.choice([0, 256, 257]).to_bytes(2, 'big') + self.number(1) + self.number(1) + self.octets(1)

    def of_loc(self):
        def size():
            return bytes([self.randint(1, 9) * 16 + self.randint(0, 9)])

        def angle(most):
            return (2 ** 31 + self.choice([0, most, -most, self.randint(-most, most)])).to_bytes(4, 'big')

        altitude = self.choice([0, 10000000, 2 ** 32 - 1, self.randrange(2 ** 32)]).to_bytes(4, 'big')
        return b'\0' + size() + size() + size() + angle(90 * 3600000) + angle(180 * 3600000) + altitude

    def of_nxt(self):
        return self.name() + bytes([self.randrange(128), self.randrange(256), self.randrange(256), self.randrange(1, 256)])

    def of_atma(self):
        return b'\0' + self.octets(20, 20)

    def of_a6(self):
        bits = self.choice([0, 64, 128, self.randint(1, 127)])
        suffix = bytearray(self.octets(16, 16)[bits // 8:])
        if bits % 8 and suffix:
            suffix[0] &= 0xff >> bits % 8
        return bytes([bits]) + bytes(suffix) + (self.name() if bits else b'')

    def of_apl(self):
        def item():
            family, most = self.choice([(1, 4), (2, 16)])
            bits = self.randint(0, most * 8)
            address = self.octets(most, most)[:(bits + 7) // 8].rstrip(b'\0')
            return family.to_bytes(2, 'big') + bytes([bits, self.choice([0, 128]) | len(address)]) + address
        return b''.join(item() for _ in range(self.randint(1, 4)))

    def of_ds(self):
        kind, size = self.choice([(1, 20), (2, 32), (4, 48)])
        return self.number(2) + self.number(1) + bytes([kind]) + self.octets(size, size)

    of_cds = of_dlv = of_ta = of_ds

    def of_sshfp(self):
        kind, size = self.choice([(1, 20), (2, 32)])
        return self.number(1) + bytes([kind]) + self.octets(size, size)

    def of_zonemd(self):
        kind, size = self.choice([(1, 48), (2, 64)])
        return self.number(4) + b'\1' + bytes([kind]) + self.octets(size, size)

    def of_ipseckey(self):
        kind = self.randrange(4)
        gateway = [b'', self.number(4), self.number(16), self.plain_name()][kind]
        return self.number(1) + bytes([kind, self.choice([1, 2, 3])]) + gateway + self.octets(1)

    def of_amtrelay(self):
        kind = self.randrange(4)
        relay = [b'', self.number(4), self.number(16), self.name()][kind]
        return self.number(1) + bytes([self.choice([0, 128]) | kind]) + relay

    def of_hip(self):
        hit, key = self.octets(1, 20), self.octets(1, 60)
        return bytes([len(hit)]) + self.number(1) + len(key).to_bytes(2, 'big') + hit + key + \
            b''.join(self.name() for _ in range(self.randrange(3)))

    def of_nsec3(self):
        return bytes([1, self.choice([0, 1])]) + self.number(2) + self.string(20) + b'\x14' + self.octets(20, 20) + self.bitmap(0)

    def of_csync(self):
        return self.number(4) + self.choice([0, 1, 2, 3]).to_bytes(2, 'big') + self.bitmap()

    def of_dhcid(self):
        return self.octets(3, 40)

    def of_caa(self):
        tag = ''.join(self.choice('abcxyz059') for _ in range(self.randint(1, 15))).encode()
        return self.number(1) + bytes([len(tag)]) + tag + self.octets(0, self.choice([10, 300]))

    def of_naptr(self):
        """What BIND does not take for a regular expression, it does not take."""
        text = self.choice([b'', b'!^.*$!sip:x@example.com!', b'/(a\\.)b/\\1/i'])
        return self.number(2) + self.number(2) + self.string() + self.string() + bytes([len(text)]) + text + self.name()

    def of_cert(self):
        return self.choice([1, 3, 253, 65535]).to_bytes(2, 'big') + self.number(2) + self.number(1) + self.octets(1, 60)

    def of_rkey(self):
        return b'\0\0' + self.number(1) + self.number(1) + self.octets(1, 60)

    def of_nid(self):
        return self.number(2) + self.number(8)

    of_l64 = of_nid

    def of_eui48(self):
        return self.octets(6, 6)

    def of_eui64(self):
        return self.octets(8, 8)

    of_ipn = of_eui64

    def of_svcb(self):
        params = {}
        if self.random() < 0.5:
            protocols = [self.octets(2, 9).translate(NO_LIST) for _ in range(self.randint(1, 3))]
            params[1] = b''.join(bytes([len(one)]) + one for one in protocols)
            # no NUL, which Knot and NSD take for the end; no comma (ldns errs) nor backslash or single octet (Knot errs)
            if self.random() < 0.3:
                params[2] = b''
        if self.random() < 0.5:
            params[3] = self.number(2)
        if self.random() < 0.4:
            params[4] = b''.join(self.number(4) for _ in range(self.randint(1, 3)))
        if self.random() < 0.3:
            params[5] = self.octets(1, 50)
        if self.random() < 0.4:
            params[6] = b''.join(self.number(16) for _ in range(self.randint(1, 3)))
        if self.random() < 0.3:
            params[self.choice([667, 65280, 65534])] = self.octets(0, 30)
        if params and self.random() < 0.3:
            wanted = sorted(self.sample(list(params), self.randint(1, len(params))))
            params[0] = b''.join(key.to_bytes(2, 'big') for key in wanted)
        body = b''.join(key.to_bytes(2, 'big') + len(value).to_bytes(2, 'big') + value for key, value in sorted(params.items()))
        return self.randint(1, 65535).to_bytes(2, 'big') + self.name() + body

    of_https = of_svcb
