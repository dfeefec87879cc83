"""test_tcp.py - TCP as clients use and abuse it (RFC 7766, 9210): pipelining, pieces, half-close, limits, idle and slow ones."""

import contextlib
import pathlib
import resource
import socket
import struct
import threading
import time

import pytest

from fleet import save, unless_stalled, until, zone_text
from hostile import Server
from wirekit import NOERROR, SERVFAIL, Stream, ask, packet, rcode

ZONE = 'example.com'
BIG = [f'big TXT "{i:03}{"x" * 250}"' for i in range(200)]  # an answer of 50 KB


@pytest.fixture(scope='module')
def daemon(module_fleet):
    save(module_fleet.path(ZONE), zone_text(7, 'www A 192.0.2.80', *BIG))
    return module_fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]')


@pytest.fixture(scope='module')
def narrow(module_fleet):
    """A daemon with small limits."""
    save(module_fleet.path('example.net'), zone_text(7, 'www A 192.0.2.80', *BIG))
    return module_fleet.daemon('narrow', 'zones: [{ name: example.net, role: primary, file: example.net.zone }]',
                               server=', tcp-connections: 8, tcp-per-address: 4, tcp-idle: 1s, tcp-output: 8K, tcp-pipeline: 2')


def numbers(stream, count):
    return [struct.unpack('!H', stream.receive()[:2])[0] for _ in range(count)]


@pytest.mark.parametrize('where', ['127.0.0.1', '::1'])
def test_pipelining(daemon, where):
    """Three hundred questions in one breath: as many answers, each once."""
    with Stream(daemon.port, where) as s:
        s.send(*[packet('www.example.com', number=i) for i in range(300)])
        assert sorted(numbers(s, 300)) == list(range(300))


def test_many_connections_at_once(daemon):
    streams = [Stream(daemon.port) for _ in range(30)]
    for turn in range(3):
        for i, s in enumerate(streams):
            s.send(packet('www.example.com', number=100 * turn + i))
        for i, s in enumerate(streams):
            assert numbers(s, 1) == [100 * turn + i]
    for s in streams:
        s.s.close()


def test_in_pieces(daemon):
    """Octet by octet, and cut at every place."""
    p = packet('www.example.com', number=9)
    message = struct.pack('!H', len(p)) + p
    with Stream(daemon.port) as s:
        for i in range(len(message)):
            s.s.sendall(message[i:i + 1])
        assert numbers(s, 1) == [9]
        for cut in range(1, 2 * len(message), 5):
            s.s.sendall((message * 2)[:cut])
            s.s.sendall((message * 2)[cut:])
            assert numbers(s, 2) == [9, 9]


def test_half_close(daemon):
    """The client says that nothing more comes; it gets all its answers, then the end."""
    with Stream(daemon.port) as s:
        s.send(*[packet('big.example.com', 16, number=i) for i in range(40)])
        s.s.shutdown(socket.SHUT_WR)
        assert sorted(numbers(s, 40)) == list(range(40))
        assert s.closed()
    with Stream(daemon.port) as s:
        s.s.shutdown(socket.SHUT_WR)
        assert s.closed()
    with Stream(daemon.port) as s:
        s.s.sendall(b'\0\x20half a question')
        s.s.shutdown(socket.SHUT_WR)
        assert s.closed()


def test_reset_in_the_middle(daemon):
    """Clients that vanish with answers under way."""
    for i in range(50):
        s = Stream(daemon.port)
        s.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        s.send(*[packet('big.example.com', 16, number=i)] * 5)
        s.s.close()
    assert daemon.values('www.example.com', tcp=True) == ['192.0.2.80']


@pytest.mark.parametrize('message', [b'', b'x', b'short', b'\0\1\x80\0' + b'\0' * 8], ids=['empty', 'one octet', 'five', 'an answer'])
def test_nothing_to_answer(daemon, message):
    with Stream(daemon.port) as s:
        s.send(message)
        assert s.closed()


def test_malformed_is_answered_and_the_stream_lives(daemon):
    with Stream(daemon.port) as s:
        s.send(packet('www.example.com', number=1) + b'x', packet('www.example.com', number=2))
        first, second = s.receive(), s.receive()
        assert rcode(first) == 1 and rcode(second) == 0 and second[:2] == b'\0\2'


def test_longest_message(daemon):
    """65,535 octets, most of them padding that means nothing."""
    p = packet('www.example.com', number=5, additional=b'\0\0\x29\x10\0\0\0\0\0')
    padding = 65535 - len(p) - 2
    p += struct.pack('!H', padding) + struct.pack('!2H', 12, padding - 4) + bytes(padding - 4)
    p = p[:10] + b'\0\1' + p[12:]
    assert len(p) == 65535
    with Stream(daemon.port) as s:
        s.send(p, p)
        assert rcode(s.receive()) == 0 and rcode(s.receive()) == 0


def test_idle_ones_are_closed(narrow):
    """Without a question, with half a one, and after one: closed after tcp-idle."""

    def closed():
        before = narrow.json('stats')['tcp_timeout']
        start = time.monotonic()
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(Stream(narrow.port)) for _ in range(4)]
            for s, octets in zip(streams, (b'', b'\0', b'\0\x20half')):
                s.s.sendall(octets)
            streams[3].send(packet('www.example.net'))
            assert rcode(streams[3].receive()) == 0
            for s in streams:
                assert s.closed() and time.monotonic() - start > 0.8
        assert narrow.json('stats')['tcp_timeout'] - before == 4

    unless_stalled(closed)


def test_a_trickle_is_no_question(narrow):
    """An octet now and then does not keep a connection."""
    def ended():
        start = time.monotonic()
        with Stream(narrow.port) as s:
            s.s.sendall(b'\x10\0')
            try:
                while time.monotonic() - start < 20:
                    s.s.sendall(b'x')
                    time.sleep(0.05)
            except OSError:
                pass
        assert 0.8 < time.monotonic() - start < 20

    unless_stalled(ended)


def test_no_more_than_some_of_one_address(fleet):
    save(fleet.path(ZONE), zone_text(7, 'www A 192.0.2.80'))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]', server=', tcp-connections: 8, tcp-per-address: 4')
    kept = [Stream(d.port) for _ in range(4)]
    for s in kept:
        s.send(packet('www.example.com'))
        assert rcode(s.receive()) == 0
    fifth = Stream(d.port)
    assert fifth.closed()
    other = [Stream(d.port, '::1') for _ in range(4)]
    for s in other:
        s.send(packet('www.example.com'))
        assert rcode(s.receive()) == 0
    for s in kept + other:
        s.s.close()
    assert d.json('stats')['tcp_client_full'] == 1
    until(lambda: d.values('www.example.com', tcp=True), 'there is room again')


def test_no_more_than_some_in_all(fleet):
    save(fleet.path(ZONE), zone_text(7, 'www A 192.0.2.80'))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]', server=', tcp-connections: 3, tcp-per-address: 2')
    kept = [Stream(d.port), Stream(d.port), Stream(d.port, '::1')]
    for s in kept:
        s.send(packet('www.example.com'))
        assert rcode(s.receive()) == 0
    assert Stream(d.port, '::1').closed()
    assert d.json('stats')['tcp_full'] == 1
    assert d.values('www.example.com') == ['192.0.2.80']  # UDP is not concerned
    kept.pop().s.close()
    until(lambda: d.values('www.example.com', tcp=True, where='::1'), 'there is room again')


def test_a_slow_reader_holds_nobody_up(narrow):
    """A client that asks for much and reads nothing: no more is read from it, its memory is bounded, others are served, it ends by
    the clock."""
    def taken():
        """A connection, or None: those of other tests are not all gone yet."""
        s = Stream(narrow.port, buffer=4096)
        s.send(packet('www.example.net'))
        return s if s.receive() else s.s.close()

    def ended():
        before = narrow.json('stats')
        with until(taken, 'there is room for it') as s:
            p = packet('big.example.net', 16)
            s.s.settimeout(0.2)
            try:
                for _ in range(4000):
                    s.send(p)
            except OSError:
                pass
            assert narrow.values('www.example.net', where='::1', tcp=True) == ['192.0.2.80']
            until(lambda: narrow.json('stats')['tcp_output_full'] > before['tcp_output_full'], 'reading was paused', 20)
            until(lambda: narrow.json('stats')['tcp_timeout'] > before['tcp_timeout'], 'it was closed', 20)
        assert narrow.json('stats')['answers'] - before['answers'] < 2000

    unless_stalled(ended)


def test_while_we_are_slow_it_is_not_idle(fleet):
    """A question that waits for a primary that is silent: answered, though later than tcp-idle."""
    with Server(fleet.port('mute')):
        cache = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, primaries: ["{fleet.at("mute")}"] }}]', server=', tcp-idle: 1s')

        def answered():
            start = time.monotonic()
            with Stream(cache.port) as s:
                s.send(packet(f'{start}.example.com', flags=0x0100))  # another name each time: a failure is remembered
                assert rcode(s.receive()) == SERVFAIL
                assert time.monotonic() - start > 1.6, 'that was too quick to show anything'
                assert s.closed()

        unless_stalled(answered)


def test_a_flood_of_connections(daemon):
    """Thousands that come and go, from several at once: UDP and the connections that are there are answered meanwhile."""
    over, came = threading.Event(), [0, 0, 0]

    def flood(number):
        while not over.is_set():
            try:
                with Stream(daemon.port) as s:
                    s.send(packet('www.example.com'))
                came[number] += 1
            except OSError:
                continue  # refused: the door was shut

    with Stream(daemon.port) as kept:
        threads = [threading.Thread(target=flood, args=(n,)) for n in range(len(came))]
        for t in threads:
            t.start()
        asked = 0
        while asked < 200 or sum(came) < 2000:
            assert rcode(ask(daemon.port, packet('www.example.com'))) == NOERROR
            kept.send(packet('www.example.com', number=asked & 0xffff))
            assert numbers(kept, 1) == [asked & 0xffff]
            asked += 1
        over.set()
        for t in threads:
            t.join()
    until(lambda: daemon.values('www.example.com', tcp=True) == ['192.0.2.80'], 'TCP is as before')


def test_descriptors_run_out(fleet):
    """No descriptor left: connections are dropped, the daemon does not spin, and UDP goes on."""
    save(fleet.path(ZONE), zone_text(7, 'www A 192.0.2.80'))
    d = fleet.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]', server=', tcp-per-address: 1000')
    used = max(int(p.name) for p in pathlib.Path(f'/proc/{d.pid()}/fd').iterdir())
    resource.prlimit(d.pid(), resource.RLIMIT_NOFILE, (used + 5, used + 5))
    streams = [Stream(d.port, seconds=5) for _ in range(40)]
    until(lambda: d.values('www.example.com') == ['192.0.2.80'], 'UDP goes on')
    ticks = cpu_ticks(d)
    time.sleep(0.5)
    assert cpu_ticks(d) - ticks < 40, 'it spins'
    for s in streams:
        s.s.close()
    until(lambda: d.values('www.example.com', tcp=True, seconds=1), 'TCP is served again')


def cpu_ticks(daemon):
    with open(f'/proc/{daemon.pid()}/stat', encoding='ascii') as f:
        words = f.read().rsplit(')', 1)[1].split()
    return int(words[11]) + int(words[12])
