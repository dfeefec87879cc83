"""bulk.py - thousands of questions over one UDP socket, and their answers in an order that can be compared."""

import dataclasses
import select
import socket
import time

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from daemons import PATIENCE, records_of

IN_FLIGHT = 64
REPEAT = 2  # seconds after which a question is sent again: datagrams may be lost


def ask_all(server, wires):
    """The answers to questions in wire form, in their order. The ID of a question is its place in the list."""
    answers = [None] * len(wires)
    waiting, unsent = {}, list(range(len(wires)))[::-1]
    end = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((server.address, server.port))
        s.setblocking(False)
        while unsent or waiting:
            now = time.monotonic()
            while unsent and len(waiting) < IN_FLIGHT:
                number = unsent.pop()
                waiting[number] = now
                s.send(number.to_bytes(2, 'big') + wires[number][2:])
            if select.select([s], [], [], REPEAT)[0]:
                wire = s.recv(65535)
                number = int.from_bytes(wire[:2], 'big')
                if waiting.pop(number, None) is not None:
                    answers[number] = wire
            else:
                server.check_alive()
                assert now < end, f'{server.name} left {len(waiting)} questions unanswered'
                unsent += waiting
                waiting.clear()
    return answers


@dataclasses.dataclass(frozen=True)
class Content:
    """What an answer says, without what servers may decide: order, case, compression, additional data of convenience."""

    rcode: str
    flags: str
    answer: frozenset
    authority: frozenset
    glue: frozenset

    def __str__(self):
        lines = [f'{self.rcode} {self.flags}']
        for part in ('answer', 'authority', 'glue'):
            for owner, kind, ttl, rdata in sorted(getattr(self, part), key=str):
                lines.append(f'  {part}: {owner} {ttl} {dns.rdatatype.to_text(kind)} {rdata.to_text()[:100]}')
        return '\n    '.join(lines)


def content(wire):
    message = dns.message.from_wire(wire)
    flags = message.flags & (dns.flags.AA | dns.flags.TC)
    if flags & dns.flags.TC:  # how much of it came along is of no importance
        return Content(dns.rcode.to_text(message.rcode()), dns.flags.to_text(flags), *[frozenset()] * 3)
    return Content(dns.rcode.to_text(message.rcode()), dns.flags.to_text(flags), frozenset(records_of(message.answer)),
                   frozenset(records_of(message.authority)), frozenset(records_of(glue(message))))


def glue(message):
    """The additional section of a referral; other answers may have there what they like."""
    cuts = [s for s in message.authority if s.rdtype == dns.rdatatype.NS]
    if message.flags & dns.flags.AA or not cuts:
        return []
    return [s for s in message.additional if s.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA)]
