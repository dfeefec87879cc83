#!/usr/bin/python3
"""bench.py BUILD [options] - what settled costs beside other makes, and beside a server that does nothing.

    make -C BUILD && make -C BUILD tests/bench/flood && tests/bench/bench.py BUILD

For four data sets (datasets.py): CPU nanoseconds of the server per right answer, over UDP and TCP; what two workers cost beside
one; time from exec to the first right answer; memory per record; time from a one-record edit of the zone file to the new answer,
and how many questions were answered meanwhile. Every answer is looked at (flood.c). All servers run, one of them is asked, on one
core, the generator on another; their turns are a second long and come round again, so that a slow minute of the machine meets all
of them. Absolute numbers move from machine to machine and from second to second; what counts is the median of a round's ratios.
What a server does not do in its time is given up and said so in the table; it goes on with the rest. A row counts only if the
server was saturated (had the CPU, or waited for it, 0.95 of the time) and took, with one system call, at least three quarters of
the packets it can take: 24 of 32, but Knot's most is 10, BIND's 20, and NSD and PowerDNS of Debian take one at a time.

    tests/bench/bench.py BUILD --sets small --parts udp --makes echo,settled,knot     some of it
    tests/bench/bench.py BUILD --page man/settled-performance.7                       all of it, written into the manual
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import contenders
import datasets
import measure
import page

SATURATED, FILLED = 0.95, 0.75
IN_FLIGHT = (192, 768)
PARTS = ('udp', 'tcp', 'workers', 'load', 'edit')
TWO_WORKERS = ('settled', 'knot')
SHARED = {'udp shared': measure.of_udp(IN_FLIGHT[-1]), 'tcp shared': measure.OF_TCP}


def enter(make, threads, data, options, results):
    """A server with all zones, idle until its turn comes."""
    top = pathlib.Path(tempfile.mkdtemp(prefix='bench-', dir=options.top))
    visit = measure.Visit(contenders.contender(make, options.build, top, data, threads), data, options, threads)

    def start():
        seconds = visit.start()
        if loads(make, threads, data, options):
            note(visit, results, 'load', {'seconds': seconds, 'octets': visit.memory()})

    attempt(visit, 'start', start)
    return visit


def loads(make, threads, data, options):
    """Its starts are measured."""
    return 'load' in options.parts and threads == 1 and make != 'echo' and data.name in (*datasets.LOADED, 'empty')


def enter_again(make, data, options, results):
    """What starts quickly starts several times, each time as if it never had; the last one stays."""
    visit = enter(make, 1, data, options, results)
    while loads(make, 1, data, options) and not visit.given_up and not measure.is_enough(results[('load', data.name, make, 1)]):
        halt(visit)
        visit = enter(make, 1, data, options, results)
    return visit


def note(visit, results, what, *values):
    results.setdefault((what, visit.data.name, visit.server.make, visit.threads), []).extend(values)


def attempt(visit, what, do):
    """Does it, unless the server is gone or gave this up before. Who gives up goes on with the rest, if it still lives."""
    if not {'start', 'end', what}.isdisjoint(visit.given_up):
        return
    begin = time.monotonic()
    with_two = ' with 2 workers' if visit.threads > 1 else ''
    print(f'{visit.data.title}: {visit.server.make}{with_two}, {what}', end='', file=sys.stderr, flush=True)
    try:
        do()
    except (ArithmeticError, AssertionError, OSError, ValueError, subprocess.SubprocessError) as e:
        print(f', gave up: {e}', file=sys.stderr)
        visit.given_up[what] = reason(e)
        if what != 'start' and visit.server.process.poll() is not None:
            visit.given_up['end'] = f'it ended in {what}'
        if not {'start', 'end'}.isdisjoint(visit.given_up):
            halt(visit)
        return
    print(f', {time.monotonic() - begin:.0f} s', file=sys.stderr)


def halt(visit):
    try:
        visit.server.stop()
    except AssertionError as e:
        print(f'{visit.data.title}: {e}', file=sys.stderr)


def leave(visit, options):
    halt(visit)
    for what, why in visit.given_up.items():
        options.given_up[what, visit.data.name, visit.server.make, visit.threads] = why


def reason(e):
    """In a table's cell."""
    if isinstance(e, subprocess.TimeoutExpired):
        return f'not within {e.timeout:.0f} s'
    if isinstance(e, subprocess.CalledProcessError):
        return f'{pathlib.Path(e.cmd[0]).name} ended with {e.returncode}'
    return str(e).splitlines()[0].rpartition(': ')[2] if str(e) else type(e).__name__


def turn(visit, options, results):
    if 'udp' in options.parts:
        for in_flight in IN_FLIGHT:
            what = f'udp {in_flight}'
            attempt(visit, what, lambda: note(visit, results, what, visit.udp(in_flight)))
    if 'tcp' in options.parts and visit.server.make != 'echo':
        attempt(visit, 'tcp', lambda: note(visit, results, 'tcp', visit.tcp()))


def measure_workers(data, options, results):
    visits = [enter(make, threads, data, options, results) for make in TWO_WORKERS if make in options.makes for threads in (1, 2)]
    for _ in range(options.rounds):
        for visit in visits:
            for what, words in SHARED.items():
                attempt(visit, what, lambda: note(visit, results, what, visit.shared(words)))
    for visit in visits:
        leave(visit, options)


def measure_set(name, options, results):
    data = datasets.SETS[name](options.top)
    visits = [enter_again(make, data, options, results) for make in options.makes if make != 'echo' or 'udp' in options.parts]
    for _ in range(options.rounds if not {'udp', 'tcp'}.isdisjoint(options.parts) else 0):
        for visit in visits:
            turn(visit, options, results)
    if 'edit' in options.parts and name in datasets.LOADED:
        for visit in visits:
            if visit.server.make != 'echo':
                attempt(visit, 'edit', lambda: note(visit, results, 'edit', *visit.edit()))
    for visit in visits:
        leave(visit, options)
    if 'workers' in options.parts and name in datasets.WITH_TWO_WORKERS:
        measure_workers(data, options, results)
    options.records[name] = (data.title, data.records)
    shutil.rmtree(data.dir)


def measure_empty(options, results):
    """What a make uses before it has zones worth the name."""
    data = datasets.empty(options.top)
    for make in options.makes:
        if make != 'echo':
            halt(enter(make, 1, data, options, results))


# ---- tables: lists of cells, the first row is the head ----

def median(rows, key):
    values = [row[key] for row in rows if row[key] is not None]
    return statistics.median(values) if values else None


def counts(make, rows):
    """Whether the server was what limited the answers, and had its batches full."""
    busy, batch = median(rows, 'busy'), median(rows, 'batch')
    return busy >= SATURATED and batch is not None and batch >= FILLED * contenders.MAKES[make].most_read


def answers_table(results, what, name, given_up):
    rows = {make: results[what, name, make, 1] for make in contenders.ALL if (what, name, make, 1) in results}
    missing = missing_of(given_up, what, name)
    table = [['', 'ns/answer', 'of knot', 'of echo', 'answers/s', 'busy', 'batch', 'wrong', 'lost', '']]
    for make in contenders.ALL:
        value, why = rows.get(make), missing.get((make, 1), '')
        if value is None:
            table += [[make, *['-'] * 8, why]] if why else []
            continue
        batch = median(value, 'batch')
        table.append([
            make, f'{median(value, "ns"):,.0f}', ratio(value, rows.get('knot')), ratio(value, rows.get('echo')),
            f'{median(value, "rate"):,.0f}', f'{median(value, "busy"):.2f}',
            '-' if batch is None or what == 'tcp' else f'{batch:.1f}', str(sum(row['wrong'] for row in value)),
            str(sum(row['lost'] for row in value)), '; '.join(filter(None, (why, note_of(what, make, value))))])
    return table if rows else None


def workers_table(results, name, given_up):
    """`of one`: beside one worker; `of knot`: beside as many of Knot's."""
    table = [['', 'workers']]
    for what in SHARED:
        table[0] += [f'{what.split()[0].upper()} ns/answer', 'of one', 'of knot', 'answers/s']
    table[0].append('')
    for make in TWO_WORKERS:
        for threads in (1, 2):
            cells, whys = [], []
            for what in SHARED:
                value, one, knot = (results.get((what, name, *key)) for key in ((make, threads), (make, 1), ('knot', threads)))
                cells += ['-'] * 4 if value is None else [f'{median(value, "ns"):,.0f}', ratio(value, one), ratio(value, knot),
                                                         f'{median(value, "rate"):,.0f}']
                whys += [missing_of(given_up, what, name).get((make, threads))]
            table.append([make, str(threads), *cells, '; '.join(filter(None, whys))])
    return table if any(what in SHARED and of == name for what, of, _, _ in results) else None


def missing_of(given_up, what, name, prefix=''):
    """Who did not do this part, or not in all rounds, or ended in another one, and why: by make and workers."""
    missing = {}
    for part, before in (('end', ''), ('start', 'start: '), (what, prefix)):
        missing |= {key[2:]: before + why for key, why in given_up.items() if key[:2] == (part, name)}
    return missing


def note_of(what, make, rows):
    if what == 'tcp':
        return '' if median(rows, 'busy') >= SATURATED else 'does not count'
    return '' if counts(make, rows) else 'does not count'


def ratio(rows, others):
    """The median of what the rounds say."""
    return f'{statistics.median(a["ns"] / b["ns"] for a, b in zip(rows, others)):.2f}' if others else '-'


def load_table(results, name, records, given_up):
    table = [['', 'first answer s', 'octets/record', 'edit s', 'answered meanwhile', 'longest silence ms', 'peak of reload', '']]
    missing = missing_of(given_up, 'edit', name, 'edit: ')
    for make in contenders.ALL:
        load, edit = (results.get((what, name, make, 1)) for what in ('load', 'edit'))
        if load is None and edit is None and (make, 1) not in missing:
            continue
        seconds, each = '-', '-'
        nothing = results.get(('load', 'empty', make, 1))
        if load is not None:
            seconds = f'{median(load, "seconds"):.2f}'
        if load is not None and nothing is not None:
            each = f'{(median(load, "octets") - median(nothing, "octets")) / records:.0f}'
        changed = ['-'] * 4
        if edit is not None:
            peak = '-' if load is None else f'{median(edit, "peak") / median(load, "octets"):.2f}'
            changed = [f'{median(edit, "seconds"):.3f}', f'{100 * median(edit, "rate"):.0f} %',
                       f'{1000 * median(edit, "silence"):.0f}', peak]
        table.append([make, seconds, each, *changed, missing.get((make, 1), '')])
    return table if len(table) > 1 else None


def tables(results, options):
    """Titles and tables, in the order of the manual."""
    for name, (title, records) in options.records.items():
        for in_flight in IN_FLIGHT:
            yield (f'UDP, {title}, {in_flight} questions under way',
                   answers_table(results, f'udp {in_flight}', name, options.given_up))
    for name, (title, records) in options.records.items():
        yield (f'TCP, {title}, {measure.CONNECTIONS} connections, {measure.EACH} questions under way on each',
               answers_table(results, 'tcp', name, options.given_up))
    for name, (title, records) in options.records.items():
        yield f'Two workers, {title}', workers_table(results, name, options.given_up)
    for name, (title, records) in options.records.items():
        yield f'Loading and editing, {title}, {records:,} records', load_table(results, name, records, options.given_up)


def show(title, table):
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    print(f'\n{title}')
    for row in table:
        print('  '.join(cell.ljust(width) if i in (0, len(row) - 1) else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


def listed(known):
    def take(text):
        words = text.split(',')
        if not set(words) <= set(known):
            raise argparse.ArgumentTypeError(f'some of {",".join(known)}')
        return words
    return take


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path, help='a build without sanitizers, with -O2')
    parser.add_argument('--sets', type=listed(datasets.SETS), default=list(datasets.SETS), help=','.join(datasets.SETS))
    parser.add_argument('--parts', type=listed(PARTS), default=list(PARTS), help=','.join(PARTS))
    parser.add_argument('--makes', type=listed(contenders.ALL), default=contenders.ALL, help=','.join(contenders.ALL))
    parser.add_argument('--seconds', type=float, default=1, help='of one turn')
    parser.add_argument('--rounds', type=int, default=9, help='of turns for all')
    parser.add_argument('--page', type=pathlib.Path, help='the manual page to write')
    options = parser.parse_args()
    options.build = options.build.resolve()
    if (os.cpu_count() or 1) < 2:
        parser.error('server and generator need a core each')
    options.records, options.given_up, results = {}, {}, {}
    with tempfile.TemporaryDirectory(prefix='bench-') as top:
        options.top = pathlib.Path(top)
        if 'load' in options.parts:
            measure_empty(options, results)
        for name in options.sets:
            measure_set(name, options, results)
    made = [(title, table) for title, table in tables(results, options) if table is not None]
    for title, table in made:
        show(title, table)
    if options.page is not None:
        page.write(options.page, made, {make: contenders.version(make, options.build) for make in options.makes})


if __name__ == '__main__':
    main()
