"""test_kills.py - kill -9 at every write and sync of the disk's thread, at moments of chance, and a disk that is full or broken
(RELIABILITY.md 3 and 16). After the restart the last committed serial is served, no serial anybody has seen is taken back or means
something else, the history is whole, the expiry clock goes on. Points are found by strace, which kills at the n-th call."""

import concurrent.futures
import os
import random
import re
import shutil
import signal
import threading
import time

import dns.edns
import pytest

import fleet as fleets
from fleet import save, until, zone_text
from hostile import Primary
from wirekit import NOTIFY, ask, packet

ZONE, NAME = 'example.com', 'www.example.com'
SEED = int(os.environ.get('SETTLED_SEED', time.time_ns() % 1000000007))
EDITS = 4
AT_ONCE = 3
MOST = 60  # points of one kind of call; there are far fewer
KINDS = ['pwrite64', 'fdatasync', 'write']


class Watcher:
    """Asks all the time for one name, with the serial of the zone it came from in the same answer. What a serial means may never
    change, and none may be older than one seen before."""

    def __init__(self, daemon):
        self.daemon, self.seen, self.most, self.faults, self.stopping = daemon, {}, 0, [], False
        self.thread = threading.Thread(target=self.watch)

    def look(self, seconds=0.3):
        answer = self.daemon.ask(NAME, seconds=seconds, use_edns=0, options=[dns.edns.GenericOption(19, b'')])
        versions = [] if answer is None else [o.data for o in answer.options if o.otype == 19]
        if answer is None or answer.rcode() != 0 or not versions:
            return None
        serial, address = int.from_bytes(versions[0][2:], 'big'), answer.answer[0][0].address
        if serial < self.most:
            self.faults.append(f'serial {self.most} was seen, then {serial}')
        if self.seen.setdefault(serial, address) != address:
            self.faults.append(f'serial {serial} meant {self.seen[serial]}, then {address}')
        self.most = max(self.most, serial)
        return serial

    def watch(self):
        while not self.stopping:
            self.look()
            time.sleep(0.001)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.stopping = True
        self.thread.join(20)


def under_strace(*inject):
    """Not with --seccomp-bpf: its strace forgets some of the signals."""
    return ['strace', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={",".join(i.split(":")[0] for i in inject)}',
            *[w for i in inject for w in ('-e', f'inject={i}')]]


def alive(d):
    return d.process is not None and d.process.poll() is None


def end(d):
    """strace and what it traces, by their ids: the lock file names the daemon."""
    lock = d.dir / 'state' / 'lock'
    if alive(d) and d.wrapper and lock.exists() and lock.read_text(encoding='ascii').strip():
        try:
            os.kill(int(lock.read_text(encoding='ascii')), signal.SIGKILL)
        except ProcessLookupError:
            pass
        d.process.wait(20)
    d.kill()
    d.wrapper = []


def edit_till_it_dies(d, edit):
    """True: it was killed. The edits 2, 3, ... are made one after the other, each when the one before is served."""
    until(lambda: not alive(d) or d.serial(ZONE) is not None, 'it serves, or was killed')
    for i in range(2, EDITS + 2):
        edit(i)
        until(lambda i=i: not alive(d) or d.values(NAME, seconds=0.2) == [f'192.0.2.{i}'], f'edit {i} is served, or it was killed')
        if not alive(d):
            return True
    end_of_flush = time.monotonic() + 1.3  # what is known of peers is written a second later
    while alive(d) and time.monotonic() < end_of_flush:
        time.sleep(0.02)
    return not alive(d)


def check_history(d, serial):
    """One line of changes, each from the serial before it, up to the one that is served."""
    changes = d.json('history', ZONE)['changes']
    assert changes and changes[-1]['to'] == serial, changes
    for before, after in zip(changes, changes[1:]):
        assert after['from'] == before['to'] and after['to'] == after['from'] + 1, changes


def primary_config(fleet):
    return f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone }}]'


def primary_point(directory, inject):
    """A primary killed at one point, started again. False: the point was not reached."""
    f = fleets.Fleet(directory)
    path = f.path(ZONE)
    last = [1]

    def edit(i):
        last[0] = i
        save(path, zone_text(1, f'www A 192.0.2.{i}'))

    edit(1)
    d = f.daemon('primary', primary_config(f), start=False)
    watcher = Watcher(d)
    try:
        d.wrapper = under_strace(inject)
        d.start(ready=False)
        with watcher:
            killed = edit_till_it_dies(d, edit)
        end(d)
        d.start()
        assert watcher.look(5) is not None, 'nothing is served'
        assert d.values(NAME) == [f'192.0.2.{last[0]}']
        serial = d.serial(ZONE)
        assert serial == watcher.most
        check_history(d, serial)
        edit(99)  # it goes on from there
        d.shows(NAME, 'A', '192.0.2.99')
        assert d.serial(ZONE) == serial + 1
        assert not watcher.faults, watcher.faults
        return killed
    except AssertionError as e:
        raise AssertionError(f'{inject}: {e}\n{f.logs()}') from e
    finally:
        end(d)


def secondary_point(directory, inject):
    """A secondary killed at one point while it takes transfers, started again without its primary."""
    f = fleets.Fleet(directory)
    with Primary(f.port('primary')) as primary:
        d = f.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [127.0.0.1@{primary.port}] }}]', start=False)
        watcher = Watcher(d)

        def edit(i):
            primary.serial, primary.address = i, f'192.0.2.{i}'
            ask(d.port, packet(ZONE, 6, opcode=NOTIFY, flags=0x0400), seconds=0.3)

        try:
            d.wrapper = under_strace(inject)
            d.start(ready=False)
            with watcher:
                killed = edit_till_it_dies(d, edit)
            end(d)
            honest = primary.udp
            primary.udp = None
            d.start()
            if watcher.most > 0:
                until(lambda: watcher.look(1), 'it serves without its primary')
                check_history(d, d.serial(ZONE))
                assert 1209600 - 120 < d.status(ZONE)['expires_s'] <= 1209600
            primary.udp, primary.serial, primary.address = honest, 50, '192.0.2.50'
            d.ctl('refresh', ZONE)
            d.serves(ZONE, 50)
            assert d.values(NAME) == ['192.0.2.50']
            assert not watcher.faults, watcher.faults
            return killed
        except AssertionError as e:
            raise AssertionError(f'{inject}: {e}\n{f.logs()}') from e
        finally:
            end(d)


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('point', [primary_point, secondary_point], ids=['primary', 'secondary'])
def test_every_point(tmp_path, point, kind):
    """The first call of the kind, the second, ... until one is not reached any more."""
    reached = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(1, MOST, AT_ONCE):
            runs = [pool.submit(point, make(tmp_path / f'{n}'), f'{kind}:signal=KILL:when={n}') for n in range(start, start + AT_ONCE)]
            results = [r.result() for r in runs]
            reached += sum(results)
            if not any(results):
                break
    assert 5 <= reached < MOST - AT_ONCE, f'{reached} points'


def make(directory):
    directory.mkdir()
    return directory


def test_moments_of_chance(tmp_path):
    """A zone of some megabytes, so that its image goes to disk in several parts; killed at any time during the transfers."""
    rand = random.Random(SEED)
    hosts = [f'h{i} A 192.0.2.1' for i in range(60000)]
    f = fleets.Fleet(tmp_path)
    path = f.path(ZONE)
    save(path, zone_text(1, 'www A 192.0.2.1', *hosts))
    primary = f.daemon('primary', f'zones: [{{ name: {ZONE}, role: primary, file: {ZONE}.zone, transfer: [127.0.0.1] }}]')
    d = f.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [{f.at("primary")}], refresh-min: 1s }}]', start=False)
    watcher, serial = Watcher(d), 1
    try:
        for turn in range(8):
            d.start(ready=False)
            if watcher.most > 0:
                until(lambda: watcher.look(1), 'it serves what it had')
            serial += 1
            changed = [f'h{i} A 192.0.2.{serial}' for i in range(rand.choice((10, 30000, 60000)))]
            save(path, zone_text(serial, f'www A 192.0.2.{serial}', *changed, *hosts[len(changed):]))
            until(lambda: primary.serial(ZONE) == serial, 'the primary has the edit')
            with watcher:
                ask(d.port, packet(ZONE, 6, opcode=NOTIFY, flags=0x0400), seconds=1)
                time.sleep(rand.random() ** 2 * 0.8)
                d.kill()
            watcher.thread, watcher.stopping = threading.Thread(target=watcher.watch), False
            assert not watcher.faults, f'seed {SEED}, turn {turn}: {watcher.faults}'
        d.start()
        d.ctl('refresh', ZONE)
        d.serves(ZONE, serial)
        assert d.values('h59999.example.com') != [] and watcher.look(1) == serial
        assert 'damaged' not in d.said(), f'seed {SEED}'
        assert not watcher.faults, f'seed {SEED}: {watcher.faults}'
        primary.stop()
        d.stop()
        d.start(ready=False)
        until(lambda: watcher.look(1) == serial, 'it serves without its primary')
    finally:
        f.stop()


def test_killed_while_peers_are_told(tmp_path):
    """The ledger survives: a primary killed at any time goes on telling who is not there yet, and wait is right."""
    rand = random.Random(SEED)
    f = fleets.Fleet(tmp_path)
    trio = fleets.Trio(f)
    try:
        for i in range(2, 12):
            trio.save(1, f'www A 192.0.2.{i}')
            time.sleep(rand.random() ** 2 * 0.25)
            trio.primary.kill()
            trio.primary.start()
            trio.primary.done('wait', ZONE)
            for d in trio.all:
                assert d.values(NAME) == [f'192.0.2.{i}'], f'seed {SEED}: {d.name}'
            serial = trio.primary.serial(ZONE)
            assert trio.secondary.serial(ZONE) == serial
            check_history(trio.primary, serial)
            changes = trio.primary.json('history', ZONE)['changes']
            assert changes[-1]['served'], f'seed {SEED}: {changes}'
        assert len(changes) == 11
    finally:
        f.stop()


# ---- a disk that is full, or broken ----


FAULTS = [(call, error, what) for error, what in (('ENOSPC', 'No space left'), ('EIO', 'Input/output error')) for call in ('pwrite64,pwritev', 'fdatasync')]


@pytest.mark.parametrize('call, error, what', FAULTS, ids=lambda v: v)
def test_disk_fault(tmp_path, call, error, what):
    """From one call on everything fails for a while: the old zone is served on, the log and status say why, nothing counts as
    committed, and when the disk works again the edit is taken by itself."""
    f = fleets.Fleet(tmp_path)
    path = f.path(ZONE)
    save(path, zone_text(1, 'www A 192.0.2.1'))
    d = f.daemon('primary', primary_config(f), start=False)
    d.start()
    d.done('wait', ZONE)
    time.sleep(1.2)  # the ledger is written
    d.stop()
    d.wrapper = under_strace(f'{call}:error={error}:when=1..2') + ['-P', str(d.dir / 'state' / 'journal' / 'data.mdb')]
    try:
        d.start()
        assert d.serial(ZONE) == 1
        save(path, zone_text(1, 'www A 192.0.2.2'))
        d.says(rf'warning: zone {ZONE}: serial 2 cannot be kept on disk: .*{what}.*; serial 1 is served on, next try in \d+ s')
        status = d.status(ZONE)
        assert what in status['error'] and status['serial'] == 1
        assert d.values(NAME) == ['192.0.2.1'] and d.serial(ZONE) == 1
        got = d.ctl('wait', ZONE, '--timeout', '200ms')
        assert got.returncode in (1, 3) and what in got.text
        d.shows(NAME, 'A', '192.0.2.2')
        until(lambda: d.status(ZONE)['error'] == '', 'status is clean again')
        end(d)
        d.start()
        assert d.serial(ZONE) == 2 and d.values(NAME) == ['192.0.2.2']
        check_history(d, 2)
    finally:
        end(d)


def test_disk_fault_at_a_secondary(tmp_path):
    """The same for a transfer; what is served after a kill is what was committed."""
    f = fleets.Fleet(tmp_path)
    with Primary(f.port('primary')) as primary:
        d = f.daemon('secondary', f'zones: [{{ name: {ZONE}, role: secondary, primaries: [127.0.0.1@{primary.port}] }}]', start=False)
        try:
            d.start()
            d.serves(ZONE, 1)
            time.sleep(1.2)
            d.stop()
            d.wrapper = under_strace('fdatasync:error=EIO:when=1+')
            d.start()
            d.serves(ZONE, 1)
            primary.serial, primary.address = 2, '192.0.2.2'
            ask(d.port, packet(ZONE, 6, opcode=NOTIFY, flags=0x0400))
            d.says(rf'zone {ZONE}: serial 2 cannot be kept on disk: .*Input/output error')
            for _ in range(20):
                assert d.serial(ZONE) == 1 and d.values(NAME) == ['192.0.2.1']
            end(d)
            primary.udp, honest = None, primary.udp
            d.start()
            d.serves(ZONE, 1)
            assert d.values(NAME) == ['192.0.2.1']
            primary.udp = honest
            d.ctl('refresh', ZONE)
            d.serves(ZONE, 2)
        finally:
            end(d)


def test_a_full_disk(tmp_path):
    """A file system of two megabytes, in a mount namespace of its own, filled to the brim; then room is made."""
    if shutil.which('unshare') is None:
        pytest.fail('unshare is missing: install util-linux')
    f = fleets.Fleet(tmp_path)
    path = f.path(ZONE)
    save(path, zone_text(1, 'www A 192.0.2.1'))
    d = f.daemon('primary', primary_config(f), start=False)
    (d.dir / 'state').mkdir()
    d.wrapper = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=2m tmpfs "$1" && shift && exec "$@"', 'sh', str(d.dir / 'state')]
    try:
        d.start()
        inside = f'/proc/{d.pid()}/root{d.dir}/state'
        filler = os.open(f'{inside}/filler', os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError):
            while True:
                os.write(filler, b'x' * 4096)
        os.close(filler)
        for i in range(2, 40):  # the journal has some free pages of its own
            save(path, zone_text(1, f'www A 192.0.2.{i}', *[f'h{n} TXT "{i}"' for n in range(5 * i)]))
            until(lambda i=i: d.values(NAME) == [f'192.0.2.{i}'] or 'cannot be kept on disk' in d.said(), 'served, or said to be impossible')
            if 'cannot be kept on disk' in d.said():
                break
        line = d.says(rf'zone {ZONE}: serial (\d+) cannot be kept on disk: (.*); serial (\d+) is served on')
        assert 'No space left' in line.group(2) and d.serial(ZONE) == int(line.group(3))
        os.unlink(f'{inside}/filler')
        d.serves(ZONE, int(line.group(1)))
        until(lambda: d.status(ZONE)['error'] == '', 'status is clean again')
        assert re.search(r'serial \d+ -> \d+ from file', d.said())
    finally:
        f.stop()
