"""test_edns.py - cookies, keepalive, questions about the server itself, and rate-limit: what a client sees of them, and dig, kdig and
our own cache as clients."""

import struct
import time

import pytest

from fleet import run, save, until, zone_text
from wirekit import FORMERR, NOERROR, NOTIMP, REFUSED, Stream, ask, name, opt, option, packet, rcode, udp

ZONE = 'example.com'
ZONES = f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]\n'
CLIENT = b'8 octets'
COOKIE, KEEPALIVE = 10, 11
BADCOOKIE = 23
CH, ANY, TXT = 3, 255, 16
FIRST, SECOND = '000102030405060708090a0b0c0d0e0f', 'f0e0d0c0b0a090807060504030201000'
MASK = 2**64 - 1


def start(fleet, called='primary', server='', **options):
    if not fleet.path(ZONE).exists():
        save(fleet.path(ZONE), zone_text(7, 'www A 192.0.2.80', '*.wild A 192.0.2.81'))
    return fleet.daemon(called, ZONES, server=server, **options)


@pytest.fixture(scope='module')
def daemon(module_fleet):
    return start(module_fleet)


def options(answer):
    """The options of the OPT, which is the last record, and the whole rcode."""
    at = answer.rindex(b'\0\0\x29\x04\xd0')
    rest, found = answer[at + 11:], {}
    while rest:
        code, length = struct.unpack('!2H', rest[:4])
        found[code] = rest[4:4 + length]
        rest = rest[4 + length:]
    return found, answer[at + 5] << 4 | rcode(answer)


def question(cookie=None, more=b'', **how):
    return packet(how.pop('qname', 'www.' + ZONE), additional=[opt((option(COOKIE, cookie) if cookie is not None else b'') + more)], **how)


def cookie_of(d, cookie=CLIENT, where='127.0.0.1'):
    """What the answer carries, and the whole rcode."""
    found, code = options(ask(d.port, question(cookie), where=where))
    return found.get(COOKIE), code


def count(d, *names):
    now = d.json('stats')
    return [now[n] for n in names]


def rotated(v, bits):
    return (v << bits | v >> (64 - bits)) & MASK


def siphash(key, data):
    """SipHash-2-4, written here once more."""
    k = struct.unpack('<2Q', key)
    a, b, c, d = k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d, k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573
    data += bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for word in (*struct.unpack(f'<{len(data) // 8}Q', data), None):
        d, c = (d, c ^ 0xff) if word is None else (d ^ word, c)
        for _ in range(4 if word is None else 2):
            a, c = (a + b) & MASK, (c + d) & MASK
            b, d = rotated(b, 13) ^ a, rotated(d, 16) ^ c
            a, c = (rotated(a, 32) + d) & MASK, (c + b) & MASK
            b, d = rotated(b, 17) ^ c, rotated(d, 21) ^ a
            c = rotated(c, 32)
        a ^= word or 0
    return struct.pack('<Q', a ^ b ^ c ^ d)


def made_with(secret, at=None, ip=b'\x7f\0\0\1', client=CLIENT):
    """The cookie that RFC 9018 says."""
    head = client + struct.pack('!2I', 1 << 24, int(at or time.time()))
    return head + siphash(bytes.fromhex(secret), head + ip)


def made_at(cookie):
    return struct.unpack('!I', cookie[12:16])[0]


def secret_file(fleet, *secrets):
    path = fleet.dir / 'cookies'
    save(path, '# not for others\n' + ''.join(s + '\n' for s in secrets))
    return f', cookie-secret-file: {path}'


# ---- cookies (RFC 7873, 9018) ----

def test_a_cookie_is_learnt_and_kept(daemon):
    before, begin = count(daemon, 'cookies_new', 'cookies_good', 'cookies_bad'), int(time.time())
    got, code = cookie_of(daemon)
    assert code == NOERROR and len(got) == 24 and got[:8] == CLIENT and got[8:12] == b'\1\0\0\0'
    assert begin <= made_at(got) <= time.time()
    assert cookie_of(daemon, got) == (got, NOERROR)
    with Stream(daemon.port) as s:
        s.send(question(got))
        assert options(s.receive()) == ({COOKIE: got}, NOERROR)
    after = count(daemon, 'cookies_new', 'cookies_good', 'cookies_bad')
    assert [a - b for a, b in zip(after, before)] == [1, 2, 0]


def test_none_without_asking(daemon):
    assert options(ask(daemon.port, question())) == ({}, NOERROR)


@pytest.mark.parametrize('where', ['127.0.0.1', '::1'])
def test_a_bad_one_is_answered_with_a_good_one(daemon, where):
    """No BADCOOKIE: the answer, and a cookie for the next time (RFC 7873 5.2.3 (3), 5.2.4)."""
    good, _ = cookie_of(daemon, where=where)
    before, = count(daemon, 'cookies_bad')
    worse = [good[:i] + bytes([good[i] ^ 1]) + good[i + 1:] for i in range(24)] + [good + b'x', good[:16], CLIENT + bytes(32)]
    for bad in worse:
        got, code = cookie_of(daemon, bad, where=where)
        assert code == NOERROR and got[:8] == bad[:8] and got != bad
        assert cookie_of(daemon, got, where=where) == (got, NOERROR)
    assert count(daemon, 'cookies_bad') == [before + len(worse)]


def test_of_another_address(daemon):
    good, _ = cookie_of(daemon)
    got, code = cookie_of(daemon, good, where='::1')
    assert code == NOERROR and got != good


def test_every_answer_has_one(daemon):
    """Refusals, NXDOMAIN and truncated ones, too."""
    for what in (question(CLIENT, qname='nobody.invalid'), question(CLIENT, qname='no.' + ZONE), question(CLIENT, qtype=252),
                 question(CLIENT, opcode=6), question(CLIENT, qclass=4)):
        assert len(options(ask(daemon.port, what))[0][COOKIE]) == 24


def test_the_first_of_two_counts(daemon):
    got = ask(daemon.port, question(CLIENT, option(COOKIE, b'another1')))
    assert options(got)[0][COOKIE][:8] == CLIENT


def test_asking_for_a_cookie_only(daemon):
    """QDCOUNT 0 (RFC 7873 5.4)."""
    def bare(cookie, **how):
        more = opt(option(COOKIE, cookie)) if cookie is not None else opt()
        return struct.pack('!6H', 7, how.get('opcode', 0) << 11, 0, 0, 0, 1) + more

    got = ask(daemon.port, bare(CLIENT))
    found, code = options(got)
    assert code == NOERROR and got[4:12] == bytes([0, 0, 0, 0, 0, 0, 0, 1]) and found[COOKIE][:8] == CLIENT
    assert options(ask(daemon.port, bare(found[COOKIE]))) == (found, NOERROR)
    renewed, code = options(ask(daemon.port, bare(found[COOKIE][:-1] + b'x')))
    assert code == BADCOOKIE and options(ask(daemon.port, bare(renewed[COOKIE])))[1] == NOERROR
    assert rcode(ask(daemon.port, bare(None))) == FORMERR
    assert rcode(ask(daemon.port, struct.pack('!6H', 7, 0, 0, 0, 0, 0))) == FORMERR
    assert rcode(ask(daemon.port, bare(CLIENT, opcode=4))) == FORMERR
    assert rcode(ask(daemon.port, bare(CLIENT, opcode=6))) == NOTIMP
    with Stream(daemon.port) as s:
        s.send(bare(CLIENT))
        assert options(s.receive())[1] == NOERROR


def test_two_questions(daemon):
    """RFC 9619, with a cookie as without."""
    two = struct.pack('!6H', 7, 0, 2, 0, 0, 1) + (name(ZONE) + b'\0\1\0\1') * 2 + opt(option(COOKIE, CLIENT))
    assert rcode(ask(daemon.port, two)) == FORMERR


def test_a_shared_secret(fleet):
    """Machines of one address: each takes the other's cookies, and ours are those of RFC 9018."""
    server = secret_file(fleet, FIRST)
    one, other = (start(fleet, called, server) for called in ('one', 'other'))
    got, _ = cookie_of(one)
    assert got == made_with(FIRST, struct.unpack('!I', got[12:16])[0])
    assert cookie_of(other, got) == (got, NOERROR)
    six, _ = cookie_of(one, where='::1')
    assert six == made_with(FIRST, struct.unpack('!I', six[12:16])[0], bytes(15) + b'\1')
    assert cookie_of(other, six, where='::1') == (six, NOERROR)
    one.stop()
    one.start()
    assert cookie_of(one, got) == (got, NOERROR), 'a restart changes nothing'


def test_how_long_it_lasts(fleet):
    d = start(fleet, server=secret_file(fleet, FIRST))
    now = time.time()
    for ago, good, kept in ((1700, 1, 1), (1900, 1, 0), (3500, 1, 0), (3700, 0, 0), (-200, 1, 1), (-400, 0, 0), (10**8, 0, 0)):
        sent = made_with(FIRST, now - ago)
        before, = count(d, 'cookies_good')
        got, code = cookie_of(d, sent)
        assert code == NOERROR and (got == sent) == kept and count(d, 'cookies_good') == [before + good], ago


def test_changing_the_secret(fleet):
    """The new one second, then first, then alone: nobody's cookie is bad on the way."""
    d = start(fleet, server=secret_file(fleet, FIRST))
    old, _ = cookie_of(d)
    secret_file(fleet, FIRST, SECOND)
    d.done('reload')
    new = made_with(SECOND)
    assert cookie_of(d, old) == (old, NOERROR)
    before, begin = count(d, 'cookies_good')[0], int(time.time())
    got, _ = cookie_of(d, new)
    assert got[:12] == new[:8] + b'\1\0\0\0' and begin <= made_at(got) <= time.time()
    assert count(d, 'cookies_good') == [before + 1]
    secret_file(fleet, SECOND, FIRST)
    d.done('reload')
    got, _ = cookie_of(d, old)
    assert count(d, 'cookies_good') == [before + 2]
    assert got == made_with(SECOND, made_at(got))
    secret_file(fleet, SECOND)
    d.done('reload')
    assert cookie_of(d, new) == (new, NOERROR)
    bad, = count(d, 'cookies_bad')
    assert cookie_of(d, old)[1] == NOERROR and count(d, 'cookies_bad') == [bad + 1]


def test_a_bad_secret_file(fleet):
    """At the start it is an error with its line, and shows no secret; at a reload the old secret stays."""
    server = secret_file(fleet, FIRST)
    d = start(fleet, server=server)
    good, _ = cookie_of(d)
    secret_file(fleet, FIRST, SECOND[:-1])
    for words in (('reload',), ('check-conf', d.config)):
        got = d.ctl(*words)
        assert got.returncode == 1 and 'cookie-secret-file: line 3: a secret is 32 hexadecimal digits' in got.text
        assert SECOND[:-1] not in got.text and FIRST not in got.text
    assert cookie_of(d, good) == (good, NOERROR)
    (fleet.dir / 'cookies').unlink()
    got = d.ctl('check-conf', d.config)
    assert got.returncode == 1 and 'No such file' in got.text


def test_a_secret_of_chance(fleet):
    """Without a file each start has its own, and the same for all threads."""
    d = start(fleet, server=', nsid: x')
    d.config.write_text(d.config.read_text(encoding='utf-8').replace('threads: 1', 'threads: 3'), encoding='utf-8')
    d.stop()
    d.start()
    good, _ = cookie_of(d)
    for _ in range(30):  # another port each time: another thread
        assert cookie_of(d, good) == (good, NOERROR)
    d.done('reload')
    assert cookie_of(d, good) == (good, NOERROR)
    d.stop()
    d.start()
    got, code = cookie_of(d, good)
    assert code == NOERROR and got != good


def test_dig_and_kdig(daemon):
    assert '(good)' in daemon.dig('+cookie=0102030405060708', 'www.' + ZONE)
    got = run('kdig', '@127.0.0.1', '-p', daemon.port, '+cookie', 'www.' + ZONE).stdout
    assert 'COOKIE:' in got and '192.0.2.80' in got
    assert 'COOKIE' not in daemon.dig('+nocookie', 'www.' + ZONE)


# ---- keepalive (RFC 7828) ----

def test_keepalive(fleet):
    d = start(fleet, server=', tcp-idle: 12s')
    wants = question(more=option(KEEPALIVE))
    with Stream(d.port) as s:
        s.send(wants, question(), question(more=option(KEEPALIVE, b'\0\5')))
        assert [options(s.receive())[0] for _ in range(3)] == [{KEEPALIVE: struct.pack('!H', 120)}, {}, {}]
    assert options(ask(d.port, wants)) == ({}, NOERROR), 'not over UDP'


# ---- which server, which version (RFC 4892) ----

def chaos(d, qname, qtype=TXT):
    got = ask(d.port, packet(qname, qtype, CH))
    return rcode(got) if rcode(got) != NOERROR else got[got.index(b'\xc0\x0c\0\x10\0\3\0\0\0\0') + 13:].decode()


def test_nobody_is_told_by_default(daemon):
    for qname in ('id.server', 'hostname.bind', 'version.bind', 'version.server', 'authors.bind', ZONE):
        assert chaos(daemon, qname) == REFUSED


def test_who_and_which(fleet):
    d = start(fleet, server=', identity: ns1.test, version: auto')
    assert chaos(d, 'id.server') == chaos(d, 'hostname.bind', ANY) == 'ns1.test'
    assert chaos(d, 'version.bind') == chaos(d, 'version.server') != ''
    assert chaos(d, 'version.bind').startswith('settled ')
    assert chaos(d, 'id.server', 1) == chaos(d, 'x.id.server') == chaos(d, ZONE) == REFUSED
    assert '"ns1.test"' in d.dig('id.server', 'TXT', 'CH')
    d.server = ', version: "not yours"'
    d.configure(ZONES)
    d.done('reload')
    assert chaos(d, 'version.bind') == 'not yours' and chaos(d, 'id.server') == REFUSED


# ---- rate-limit ----

def hammered(d, packets, batch=64):
    """Sent in a moment: the answers, each whole, TC=1 without records, or BADCOOKIE, and how many there were not. A question with a
    good cookie, which no limit stops, is answered last of its batch by the one worker there is."""
    kinds = {'whole': 0, 'tc': 0, 'badcookie': 0, 'none': len(packets)}
    sentinel = question(cookie_of(d)[0] or CLIENT, qname='sentinel.invalid', number=0xffff)
    with udp(d.port) as s:
        for at in range(0, len(packets), batch):
            for p in (*packets[at:at + batch], sentinel):
                s.send(p)
            while True:
                got = s.recv(65536)
                if got[:2] == b'\xff\xff':
                    break
                kinds['none'] -= 1
                if got[2] & 2:
                    assert got[6:10] == b'\0\0\0\0' and rcode(got) == NOERROR
                    kinds['tc'] += 1
                elif options(got)[1] == BADCOOKIE:
                    kinds['badcookie'] += 1
                else:
                    kinds['whole'] += 1
    return kinds


def test_no_limit_by_default(daemon):
    assert hammered(daemon, [question()] * 1000)['whole'] == 1000


def test_the_limit(fleet):
    """A flood is answered at the rate, half of the rest with TC=1; TCP is answered as ever."""
    d = start(fleet, server=', rate-limit: 20')
    before, begin = count(d, 'rate_dropped', 'rate_slipped'), time.monotonic()
    got = hammered(d, [question()] * 2000)
    most = 20 * (2 + time.monotonic() - begin)
    assert 19 <= got['whole'] <= most and abs(got['tc'] - got['none']) <= 2 and got['badcookie'] == 0
    after = count(d, 'rate_dropped', 'rate_slipped')
    assert [a - b for a, b in zip(after, before)][0] >= got['none'] and after[1] - before[1] >= got['tc']
    assert d.values('www.' + ZONE, tcp=True) == ['192.0.2.80']
    until(lambda: d.values('www.' + ZONE, seconds=1) == ['192.0.2.80'], 'a second later it is answered again')


def test_made_up_names_are_one(fleet):
    d = start(fleet, server=', rate-limit: 20, rate-limit-slip: 0')
    for many in ([question(qname=f'{i}.{ZONE}') for i in range(1000)], [question(qname=f'{i}.wild.{ZONE}') for i in range(1000)],
                 [question(qname=f'{i}.invalid') for i in range(1000)]):
        begin = time.monotonic()
        got = hammered(d, many)
        assert 10 <= got['whole'] <= 20 * (2 + time.monotonic() - begin) and got['tc'] == 0


def test_cookies_and_the_limit(fleet):
    """Who speaks cookies is told BADCOOKIE and a cookie; who shows it is not limited."""
    d = start(fleet, server=', rate-limit: 20, rate-limit-slip: 1')
    begin = time.monotonic()
    got = hammered(d, [question(CLIENT)] * 500)
    assert got['badcookie'] >= 500 - 20 * (2 + time.monotonic() - begin) and got['tc'] == got['none'] == 0
    assert count(d, 'badcookie')[0] >= got['badcookie']
    good, _ = cookie_of(d)
    assert hammered(d, [question(good)] * 500)['whole'] == 500
    hammered(d, [question(CLIENT)] * 100)
    assert '192.0.2.80' in d.dig('www.' + ZONE), 'dig comes again by itself'


def test_who_is_exempt(fleet):
    d = start(fleet, server=', rate-limit: 20, rate-limit-exempt: 127.0.0.0/8')
    assert hammered(d, [question()] * 500)['whole'] == 500
    d.server = ', rate-limit: 20, rate-limit-exempt: 192.0.2.0/24'
    d.configure(ZONES)
    d.done('reload')
    assert hammered(d, [question()] * 500)['whole'] < 500
    d.server = ''
    d.configure(ZONES)
    d.done('reload')
    assert hammered(d, [question()] * 500)['whole'] == 500


def test_our_cache_is_not_limited(fleet):
    """It learns a cookie with its first question: a hundred names in a moment."""
    primary = start(fleet, server=', rate-limit: 1, rate-limit-slip: 0')
    cache = fleet.daemon('cache', f'zones: [{{ name: {ZONE}, role: cache, primaries: ["{fleet.at("primary")}"] }}]')
    assert cache.values('www.' + ZONE) == ['192.0.2.80']
    with udp(cache.port) as s:
        for i in range(100):
            s.send(packet(f'no{i}.{ZONE}', flags=0x0100))
        assert [rcode(s.recv(65536)) for _ in range(100)] == [3] * 100
    assert count(primary, 'cookies_good')[0] >= 100


def test_no_fragments_but_on_a_link_that_is_too_small(fleet):
    """In a network namespace of its own, whose loopback takes 1280 octets: an answer of 3,000 comes all the same."""
    save(fleet.path(ZONE), zone_text(7, *[f'large TXT "{i:0200}"' for i in range(14)]))
    d = start(fleet, server=', udp-payload: 4096', start=False)
    d.wrapper = ['unshare', '-rn', 'sh', '-c', 'ip link set lo mtu 1280 up && exec "$@"', 'sh']
    d.start()
    inside = ['nsenter', '-t', d.pid(), '-U', '--preserve-credentials', '-n']
    for _ in range(2):
        said = run(*inside, 'dig', '+norec', '+ignore', '+tries=1', '+bufsize=4096', '@127.0.0.1', '-p', d.port, 'large.' + ZONE, 'TXT').stdout
        assert 'status: NOERROR' in said and ' tc' not in said and said.count('"0000') == 14, said
    assert count(d, 'send_failed') == [0]
