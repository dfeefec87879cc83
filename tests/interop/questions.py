"""questions.py - what there is to ask about the example zones, and what the answer has to be."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Question:
    name: str
    kind: str
    rcode: str = 'NOERROR'
    shows: tuple = ()  # what stands in the answer, as people read it
    referral: bool = False

    def __str__(self):
        return f'{self.name} {self.kind}'


EXAMPLES = [
    Question('example.com', 'SOA', shows=('ns1.example.com. hostmaster.example.com.',)),
    Question('example.com', 'NS', shows=('ns1.example.com.', 'ns2.example.com.', 'ns.example.net.')),
    Question('example.com', 'MX', shows=('10 mail.example.com.', '20 mail.example.net.')),
    Question('example.com', 'TXT', shows=('"v=spf1 mx -all"',)),
    Question('example.com', 'CAA', shows=('0 issue "ca.example.net"',)),
    Question('www.example.com', 'A', shows=('192.0.2.80',)),
    Question('WWW.eXample.COM', 'AAAA', shows=('2001:db8::80',)),
    Question('mail.example.com', 'SSHFP', shows=('4 2 123456789ABCDEF6',)),
    Question('_25._tcp.mail.example.com', 'TLSA', shows=('3 1 1 0123456789ABCDEF',)),
    Question('_xmpp-server._tcp.example.com', 'SRV', shows=('5 60 5269 chat1.example.com.', '9 0 5269 chat.example.net.')),
    Question('scanner.office.example.com', 'LOC', shows=('52 31 12.02',)),
    Question('office.example.com', 'RP', shows=('help.office.example.com.',)),
    # a type that nobody has
    Question('www.example.com', 'TYPE65400'),
    # no such name, no such type, nothing at a name that is only above others
    Question('no.such.name.example.com', 'A', 'NXDOMAIN'),
    Question('www.example.com', 'MX'),
    Question('_tcp.example.com', 'A'),
    Question('sites.example.com', 'A'),
    # wildcards
    Question('anything.sites.example.com', 'A', shows=('192.0.2.81',)),
    Question('any.thing.sites.example.com', 'AAAA', shows=('2001:db8::81',)),
    Question('anything.sites.example.com', 'TXT'),
    # aliases: here, into another zone, of a whole tree, to nothing
    Question('static.example.com', 'A', shows=('www.example.com.', '192.0.2.80')),
    Question('shop.example.com', 'A', shows=('shops.example.net.', '198.51.100.80', '198.51.100.81')),
    Question('printer.bureau.example.com', 'A', shows=('office.example.com.', 'printer.office.example.com.', '192.0.2.101')),
    Question('nobody.bureau.example.com', 'A', 'NXDOMAIN', shows=('nobody.office.example.com.',)),
    Question('bureau.example.com', 'DNAME', shows=('office.example.com.',)),
    Question('www.example.net', 'AAAA', shows=('shops.example.net.', '2001:db8:2::80')),
    Question('chat.cold.example.net', 'A', shows=('198.51.100.52',)),
    # addresses
    Question('80.2.0.192.in-addr.arpa', 'PTR', shows=('www.example.com.',)),
    Question('130.2.0.192.in-addr.arpa', 'PTR', shows=('dhcp-130.office.example.com.',)),
    Question('195.2.0.192.in-addr.arpa', 'CNAME', shows=('195.192/28.2.0.192.in-addr.arpa.',)),
    Question('0.8.0.0.' + '0.' * 20 + '8.b.d.0.1.0.0.2.ip6.arpa', 'PTR', shows=('www.example.com.',)),
    # what others are responsible for, and what is said about them here
    Question('lab.example.com', 'DS', shows=('12345 13 2 0123456789ABCDEF',)),
    Question('lab.example.com', 'NS', referral=True),
    Question('host.lab.example.com', 'A', referral=True),
    Question('a.test.example.com', 'AAAA', referral=True),
]


def ask(server, question, **options):
    return server.ask(question.name, question.kind, **options)
