"""test_edit.py - the main job: a zone file is saved, in each of the ways people save, and the answers of a primary, a secondary and a
cache follow."""

import os
import shutil
import subprocess
import threading

import pytest

from fleet import Trio, run, save, until, zone_text

NAME = 'www.example.com'


@pytest.fixture(scope='module')
def trio(module_fleet):
    return Trio(module_fleet)


def text_with(trio, address):
    """The zone file's text with another address for www. The serial stays: `serial: auto` finds one."""
    return zone_text(1, f'www A {address}')


def rename_over(path, text):
    save(path, text)


def in_place(path, text):
    path.write_text(text, encoding='ascii')


def in_place_slowly(path, text):
    """Opened, emptied, written in pieces and flushed after each: only the close says that it is finished."""
    with open(path, 'w', encoding='ascii') as f:
        for i in range(0, len(text), 20):
            f.write(text[i:i + 20])
            f.flush()
            os.fsync(f.fileno())


def as_vim(path, text):
    """vim with backupcopy=no: the old file is moved aside, a new one written under its name, the old one removed."""
    backup = path.with_name(path.name + '~')
    os.rename(path, backup)
    with open(path, 'w', encoding='ascii') as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    backup.unlink()


def by_sed(path, text):
    address = text.split('www A ')[1].split()[0]
    done = run('sed', '-i', f's/^www A .*/www A {address}/', path)
    assert done.returncode == 0, done.stderr


def by_ed(path, text):
    """A shell's redirection, which truncates first."""
    subprocess.run(['/bin/sh', '-c', f'cat > "{path}"'], input=text, text=True, check=True, timeout=20)


def copied_over(path, text):
    other = path.with_name('other')
    other.write_text(text, encoding='ascii')
    shutil.copyfile(other, path)


def hard_link_swapped(path, text):
    other = path.with_name('other')
    other.unlink(missing_ok=True)
    other.write_text(text, encoding='ascii')
    path.unlink()
    os.link(other, path)
    other.unlink()


WAYS = [rename_over, in_place, in_place_slowly, as_vim, by_sed, by_ed, copied_over, hard_link_swapped]


@pytest.mark.parametrize('way', WAYS, ids=lambda w: w.__name__)
def test_saving_is_enough(trio, way):
    address = f'192.0.2.{100 + WAYS.index(way)}'
    trio.cache.values(NAME)  # so that there is something to be forgotten
    before = trio.primary.serial(trio.zone)
    way(trio.path, text_with(trio, address))
    trio.shows(NAME, 'A', address)
    for d in trio.all:
        d.serves(trio.zone, before + 1)


def test_dig_sees_it(trio):
    save(trio.path, text_with(trio, '192.0.2.90'))
    trio.shows(NAME, 'A', '192.0.2.90')
    for d in trio.all:
        assert d.dig(NAME, '+short').split() == ['192.0.2.90']
        assert d.dig(NAME, '+short', '+tcp').split() == ['192.0.2.90']
        assert 'status: NXDOMAIN' in d.dig('no-such-name.example.com')


def test_a_name_appears_and_goes(trio):
    """NXDOMAIN at the cache is forgotten when the name comes, and the name when it goes."""
    assert trio.cache.ask('new.example.com').rcode() == 3
    save(trio.path, zone_text(1, 'www A 192.0.2.90', 'new A 192.0.2.91'))
    trio.shows('new.example.com', 'A', '192.0.2.91')
    save(trio.path, zone_text(1, 'www A 192.0.2.90'))
    for d in trio.all:
        until(lambda d=d: d.ask('new.example.com').rcode() == 3, f'{d.name} no longer has the name')


def test_touched_without_a_change(trio):
    """The file is saved as it was: the serial stays and nobody is told."""
    before = trio.primary.serial(trio.zone)
    mark = len(trio.primary.said())
    save(trio.path, trio.path.read_text(encoding='ascii'))
    trio.primary.done('wait', trio.zone)
    assert trio.primary.serial(trio.zone) == before
    assert f'serial {before} ->' not in trio.primary.said()[mark:]


def test_the_file_is_never_rewritten(trio):
    text = text_with(trio, '192.0.2.92')
    save(trio.path, text)
    trio.shows(NAME, 'A', '192.0.2.92')
    assert trio.path.read_text(encoding='ascii') == text
    assert trio.primary.serial(trio.zone) > 1


def test_a_newer_serial_of_the_file_is_used(trio):
    serial = trio.primary.serial(trio.zone) + 1000
    save(trio.path, zone_text(serial, 'www A 192.0.2.93'))
    for d in trio.all:
        d.serves(trio.zone, serial)
    trio.shows(NAME, 'A', '192.0.2.93')


def test_a_burst_is_taken_once_or_twice(fleet):
    """Forty saves within one pause are few reads, and the last one counts."""
    trio = Trio(fleet)
    for i in range(40):
        save(trio.path, text_with(trio, f'192.0.2.{1 + i}'))
    trio.shows(NAME, 'A', '192.0.2.40')
    trio.primary.done('wait', trio.zone)
    changes = trio.primary.json('history', trio.zone)['changes']
    assert 2 <= len(changes) <= 20
    assert trio.primary.serial(trio.zone) == changes[-1]['to']
    trio.shows(NAME, 'A', '192.0.2.40')


def test_answers_keep_coming_during_a_burst(fleet):
    """No question goes unanswered, no answer is of another zone, serials only grow."""
    trio = Trio(fleet)
    stop, troubles = threading.Event(), []

    def look(d):
        last = 0
        while not stop.is_set():
            serial = d.serial(trio.zone)
            if serial is None or serial < last:
                troubles.append(f'{d.name}: serial {last}, then {serial}')
                return
            last = serial

    lookers = [threading.Thread(target=look, args=[d]) for d in (trio.primary, trio.secondary)]
    for t in lookers:
        t.start()
    for i in range(8):
        save(trio.path, text_with(trio, f'192.0.2.{1 + i}'))
        trio.shows(NAME, 'A', f'192.0.2.{1 + i}')
    stop.set()
    for t in lookers:
        t.join(20)
    assert not troubles


def test_symlink_swap(fleet):
    """As Kubernetes does it: the file is a link through a link to a directory, and that link is exchanged in one rename."""
    for i in (1, 2):
        (fleet.zones / f'v{i}').mkdir()
        (fleet.zones / f'v{i}' / 'example.com.zone').write_text(zone_text(i, f'www A 192.0.2.{i}'), encoding='ascii')
    (fleet.zones / 'data').symlink_to('v1')
    (fleet.zones / 'example.com.zone').symlink_to('data/example.com.zone')
    d = fleet.daemon('primary', 'zones: [{ name: example.com, role: primary, file: example.com.zone }]')
    d.shows(NAME, 'A', '192.0.2.1')
    (fleet.zones / 'data.new').symlink_to('v2')
    os.rename(fleet.zones / 'data.new', fleet.zones / 'data')
    d.shows(NAME, 'A', '192.0.2.2')
    assert d.serial('example.com') == 2
    (fleet.zones / 'v2' / 'example.com.zone').write_text(zone_text(3, 'www A 192.0.2.3'), encoding='ascii')  # in place, behind both
    d.shows(NAME, 'A', '192.0.2.3')
    (fleet.zones / 'example.com.zone').unlink()  # a plain file takes the link's place
    save(fleet.zones / 'example.com.zone', zone_text(4, 'www A 192.0.2.4'))
    d.shows(NAME, 'A', '192.0.2.4')


def test_link_replaced_by_a_link(fleet):
    """ln -sf: removed, then made again. Nothing is closed or moved, a link just appears."""
    for i in (1, 2):
        (fleet.zones / f'example.com.{i}').write_text(zone_text(i, f'www A 192.0.2.{i}'), encoding='ascii')
    link = fleet.zones / 'example.com.zone'
    link.symlink_to('example.com.1')
    d = fleet.daemon('primary', 'zones: [{ name: example.com, role: primary, file: example.com.zone }]')
    d.shows(NAME, 'A', '192.0.2.1')
    link.unlink()
    link.symlink_to('example.com.2')
    d.shows(NAME, 'A', '192.0.2.2')


def test_included_file(fleet):
    """Included files are watched too, also one that comes only after the zone that names it, and one in a directory of its own."""
    (fleet.zones / 'parts').mkdir()
    save(fleet.path('example.com'), zone_text(1, '$INCLUDE parts/hosts.inc', '$INCLUDE late.inc'))
    save(fleet.zones / 'parts' / 'hosts.inc', 'www A 192.0.2.1\n')
    d = fleet.daemon('primary', 'zones: [{ name: example.com, role: primary, file: example.com.zone }]')
    d.says(r'example\.com\.zone:\d+:\d+: error: .*late\.inc')
    save(fleet.zones / 'late.inc', 'late A 192.0.2.2\n')
    d.shows(NAME, 'A', '192.0.2.1')
    d.shows('late.example.com', 'A', '192.0.2.2')
    save(fleet.zones / 'parts' / 'hosts.inc', 'www A 192.0.2.3\n')
    d.shows(NAME, 'A', '192.0.2.3')
    (fleet.zones / 'late.inc').write_text('late A 192.0.2.4\n', encoding='ascii')
    d.shows('late.example.com', 'A', '192.0.2.4')


def test_directory_made_again(fleet):
    """The whole directory is exchanged (a deployment by rename): seen, and still watched afterwards."""
    there, other = fleet.zones / 'there', fleet.zones / 'other'
    for i, directory in enumerate((there, other), 1):
        directory.mkdir()
        (directory / 'example.com.zone').write_text(zone_text(i, f'www A 192.0.2.{i}'), encoding='ascii')
    d = fleet.daemon('primary', 'zones: [{ name: example.com, role: primary, file: there/example.com.zone }]')
    d.shows(NAME, 'A', '192.0.2.1')
    os.rename(there, fleet.zones / 'gone')
    os.rename(other, there)
    d.shows(NAME, 'A', '192.0.2.2')
    save(there / 'example.com.zone', zone_text(3, 'www A 192.0.2.3'))
    d.shows(NAME, 'A', '192.0.2.3')


def test_many_zones_one_save_each(fleet):
    """A bad zone among others blocks only itself."""
    names = [f'z{i}.example' for i in range(30)]
    for n in names:
        save(fleet.path(n), zone_text(1, 'www A 192.0.2.1'))
    zones = '\n'.join(f'  - {{ name: {n}, role: primary, file: {n}.zone }}' for n in names)
    d = fleet.daemon('primary', f'zones:\n{zones}')
    for n in names:
        save(fleet.path(n), zone_text(2, 'www A 192.0.2.2' if n != names[7] else 'www A 192.0.2.300'))
    for n in names:
        if n != names[7]:
            d.shows(f'www.{n}', 'A', '192.0.2.2')
    d.says(r'z7\.example\.zone:5:7: error: ')
    assert d.values(f'www.{names[7]}') == ['192.0.2.1']


def test_watch_no_and_poll(fleet):
    """`watch: no` waits for reload, `watch: poll` looks by itself."""
    for n in ('no.example', 'poll.example'):
        save(fleet.path(n), zone_text(1, 'www A 192.0.2.1'))
    d = fleet.daemon('primary', '''
zones:
  - { name: no.example, role: primary, file: no.example.zone, watch: no }
  - { name: poll.example, role: primary, file: poll.example.zone, watch: poll }
''')
    for n in ('no.example', 'poll.example'):
        save(fleet.path(n), zone_text(2, 'www A 192.0.2.2'))
    d.shows('www.poll.example', 'A', '192.0.2.2')
    assert d.values('www.no.example') == ['192.0.2.1']
    assert 'serial 1 -> 2' in d.done('reload', 'no.example')
    assert d.values('www.no.example') == ['192.0.2.2']
