"""wirekit.py - packets put together by hand, and many of them asked at once."""

import select
import socket
import struct
import time

import dns.name

from fleet import PATIENCE

QUERY, IQUERY, STATUS, NOTIFY, UPDATE, DSO = 0, 1, 2, 4, 5, 6
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, NOTAUTH, BADVERS = 0, 1, 2, 3, 4, 5, 9, 16
IN = 1


def name(text):
    return dns.name.from_text(text).to_wire()


def packet(qname, qtype=1, qclass=IN, opcode=QUERY, flags=0, number=0, answer=b'', authority=b'', additional=b'', counts=None):
    """One question; the sections are lists of whole records as octets, or octets with `counts` given."""
    sections = [b''.join(s) if isinstance(s, list) else s for s in (answer, authority, additional)]
    counts = counts or [1, *(len(s) if isinstance(s, list) else 0 for s in (answer, authority, additional))]
    head = struct.pack('!6H', number, flags | opcode << 11, *counts)
    return head + name(qname) + struct.pack('!2H', qtype, qclass) + b''.join(sections)


def record(owner, rrtype, rdata, rrclass=IN, ttl=0):
    return (owner if isinstance(owner, bytes) else name(owner)) + struct.pack('!2HIH', rrtype, rrclass, ttl, len(rdata)) + rdata


def soa(owner, serial):
    return record(owner, 6, name('ns1.' + owner) + name('h.' + owner) + struct.pack('!5I', serial, 3600, 900, 1209600, 60))


def opt(options=b'', payload=1232, version=0, do=False, owner=b'\0'):
    return record(owner, 41, options, payload, version << 16 | (0x8000 if do else 0))


def option(code, data=b''):
    return struct.pack('!2H', code, len(data)) + data


def rcode(answer):
    return answer[3] & 15


def udp(port, where='127.0.0.1'):
    s = socket.socket(socket.AF_INET6 if ':' in where else socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.connect((where, port))
    s.settimeout(PATIENCE)
    return s


def ask(port, octets, seconds=5, where='127.0.0.1'):
    """One packet, one answer; None: none in time, or nobody there."""
    with udp(port, where) as s:
        s.settimeout(seconds)
        try:
            s.send(octets)
            return s.recv(65536)
        except OSError:
            return None


def ask_many(port, packets, batch=64):
    """Sends packets numbered 0 .. n-1 (the ID is put in), as many at once as no buffer loses, and returns the answers by number. A
    sentinel behind each batch, answered last by the one worker there is, tells that nothing more comes."""
    answers = {}
    with udp(port) as s:
        for at in range(0, len(packets), batch):
            for number, p in enumerate(packets[at:at + batch], at):
                s.send(struct.pack('!H', number & 0xffff) + p[2:])
            end = time.monotonic() + PATIENCE
            sentinel = packet('sentinel.invalid', number=0xffff)
            s.send(sentinel)
            while True:
                assert select.select([s], [], [], max(0, end - time.monotonic()))[0], f'no answer to the sentinel behind packet {at}'
                got = s.recv(65536)
                number = struct.unpack('!H', got[:2])[0]
                if number == 0xffff:
                    break
                assert number not in answers, f'two answers to packet {number}'
                answers[number] = got
    return answers


class Stream:
    """A TCP connection that sends and receives messages."""

    def __init__(self, port, where='127.0.0.1', seconds=PATIENCE, buffer=None):
        self.s = socket.socket(socket.AF_INET6 if ':' in where else socket.AF_INET, socket.SOCK_STREAM)
        if buffer is not None:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.s.settimeout(seconds)
        self.s.connect((where, port))
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.s.close()

    def send(self, *packets):
        self.s.sendall(b''.join(struct.pack('!H', len(p)) + p for p in packets))

    def octets(self, count):
        """None: the other side closed."""
        got = b''
        while len(got) < count:
            try:
                more = self.s.recv(count - len(got))
            except ConnectionResetError:
                return None
            if not more:
                return None
            got += more
        return got

    def receive(self):
        head = self.octets(2)
        return None if head is None else self.octets(struct.unpack('!H', head)[0])

    def closed(self):
        """The other side has closed, or does within PATIENCE, and sends nothing more."""
        return self.receive() is None
