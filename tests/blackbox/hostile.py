"""hostile.py - a name server in two threads of the test, that says over UDP and TCP what the test wants it to."""

import socket
import struct
import threading

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

ZONE = 'example.com'


def soa(serial, zone=ZONE):
    return dns.rrset.from_text(f'{zone}.', 60, 'IN', 'SOA', f'ns1.{zone}. h.{zone}. {serial} 1 1 1209600 2')


def rr(owner, kind, text, rrclass='IN', ttl=60):
    return dns.rrset.from_text(owner, ttl, rrclass, kind, text)


def small_zone(serial, address):
    """The records of a zone between its SOAs."""
    return [soa(serial), rr('example.com.', 'NS', 'ns1.example.com.'), rr('ns1.example.com.', 'A', '192.0.2.1'),
            rr('www.example.com.', 'A', address)]


def respond(question, *answer, aa=True, rcode=0, **changes):
    """The octets of an answer to a parsed question."""
    message = dns.message.make_response(question)
    message.flags |= dns.flags.AA if aa else 0
    message.set_rcode(rcode)
    message.answer = list(answer)
    for key, value in changes.items():
        setattr(message, key, value)
    return message.to_wire(max_size=65535)


def framed(octets):
    return struct.pack('!H', len(octets)) + octets


class Server:
    """udp(question) gives the octets of an answer, a list of them, or None; tcp(connection, question) sends what it likes and
    returns when the connection is to be closed. Questions are parsed messages; all of them are kept in `asked`."""

    def __init__(self, port, udp=None, tcp=None, where='127.0.0.1'):
        self.port, self.where, self.udp, self.tcp = port, where, udp, tcp
        self.asked, self.over, self.faults = [], threading.Event(), []
        self.udp_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp_socket.bind((where, port))
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((where, port))
        self.listener.listen(64)
        for s in (self.udp_socket, self.listener):
            s.settimeout(0.1)
        self.threads = [threading.Thread(target=t) for t in (self.serve_udp, self.serve_tcp)]
        for t in self.threads:
            t.start()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()
        assert not self.faults, self.faults[0]

    def stop(self):
        self.over.set()
        for t in self.threads:
            t.join(20)
        self.udp_socket.close()
        self.listener.close()

    def serve_udp(self):
        while not self.over.is_set():
            try:
                octets, who = self.udp_socket.recvfrom(65536)
            except socket.timeout:
                continue
            try:
                question = dns.message.from_wire(octets)
                self.asked.append(question)
                answer = self.udp(question) if self.udp else None
                for a in [answer] if isinstance(answer, bytes) else answer or []:
                    self.udp_socket.sendto(a, who)
            except Exception as e:  # shown when the server is stopped
                self.faults.append(e)

    def serve_tcp(self):
        while not self.over.is_set():
            try:
                connection, _ = self.listener.accept()
            except socket.timeout:
                continue
            except OSError:
                return  # a test has closed it
            t = threading.Thread(target=self.serve_connection, args=[connection])
            t.start()
            self.threads.append(t)

    def serve_connection(self, connection):
        connection.settimeout(20)
        try:
            with connection:
                head = connection.recv(2, socket.MSG_WAITALL)
                if len(head) == 2 and self.tcp:
                    question = dns.message.from_wire(connection.recv(struct.unpack('!H', head)[0], socket.MSG_WAITALL))
                    self.asked.append(question)
                    self.tcp(connection, question)
        except OSError:
            pass  # the other side had enough
        except Exception as e:  # shown when the server is stopped
            self.faults.append(e)


class Primary(Server):
    """A primary of example.com that is honest until told otherwise: `serial`, `address` of www, and `tcp` may be changed."""

    def __init__(self, port, serial=1, address='192.0.2.1', **more):
        self.serial, self.address = serial, address
        super().__init__(port, udp=self.tell_serial, tcp=self.transfer, **more)

    def tell_serial(self, question):
        if question.opcode() != 0 or question.question[0].rdtype != dns.rdatatype.SOA:
            return None
        return respond(question, soa(self.serial))

    def records(self):
        return small_zone(self.serial, self.address)

    def transfer(self, connection, question):
        connection.sendall(framed(respond(question, *self.records(), soa(self.serial))))
