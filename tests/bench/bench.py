#!/usr/bin/python3
"""bench.py BUILD [options] - what settled costs beside other makes, and beside a server that does nothing.

    make -C BUILD && make -C BUILD tests/bench/flood && tests/bench/bench.py BUILD

For four data sets (datasets.py): CPU nanoseconds of the server per right answer, over UDP and TCP; time from exec to the first
right answer; memory per record; time from a one-record edit of the zone file to the new answer, and how many questions were
answered meanwhile. Every answer is looked at (flood.c). All servers run, one of them is asked, on one core, the generator on
another; their turns are a second long and come round again, so that a slow minute of the machine meets all of them. Absolute
numbers move from machine to machine and from second to second; what counts is the median of a round's ratios. A row counts only
if the server was saturated (had the CPU, or waited for it, 0.95 of the time) and took, with one system call, at least three
quarters of the packets it can take: 24 of 32, but Knot's most is 10, BIND's 20, and NSD and PowerDNS of Debian take one at a
time.

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
import page
from measure import CONNECTIONS, EACH, Visit

SATURATED, FILLED = 0.95, 0.75
IN_FLIGHT = (192, 768)
PARTS = ('udp', 'tcp', 'load', 'edit')
TWO_WORKERS = ('settled', 'knot')


def enter(make, threads, data, options, results):
    """A server with all zones, idle until its turn comes; None: it gave up."""
    top = pathlib.Path(tempfile.mkdtemp(prefix='bench-', dir=options.top))
    visit = Visit(contenders.contender(make, options.build, top, data, threads), data, options, threads)

    def start():
        seconds = visit.start()
        if 'load' in options.parts and threads == 1 and make != 'echo' and data.name in (*datasets.LOADED, 'empty'):
            note(visit, results, 'load', {'seconds': seconds, 'octets': visit.memory()})

    return visit if attempt(visit, 'start', start) else None


def note(visit, results, what, value):
    results.setdefault((what, visit.data.name, visit.server.make, visit.threads), []).append(value)


def attempt(visit, what, do):
    """True: it worked. Who gives up is stopped; the others are measured all the same."""
    begin = time.monotonic()
    with_two = ' with 2 workers' if visit.threads > 1 else ''
    print(f'{visit.data.title}: {visit.server.make}{with_two}, {what}', end='', file=sys.stderr, flush=True)
    try:
        do()
    except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as e:
        print(f', gave up: {e}', file=sys.stderr)
        visit.server.stop()
        return False
    print(f', {time.monotonic() - begin:.0f} s', file=sys.stderr)
    return True


def turn(visit, options, results):
    if 'udp' in options.parts:
        for in_flight in IN_FLIGHT:
            note(visit, results, f'udp {in_flight}', visit.udp(in_flight))
    if 'tcp' in options.parts and visit.server.make != 'echo':
        note(visit, results, 'tcp', visit.tcp())


def measure_set(name, options, results):
    data = datasets.SETS[name](options.top)
    answers = 'udp' in options.parts or 'tcp' in options.parts
    entrants = [(make, threads) for make in options.makes for threads in (1, 2)
                if (make != 'echo' or 'udp' in options.parts) and (threads == 1 or (answers and make in TWO_WORKERS))]
    visits = [enter(make, threads, data, options, results) for make, threads in entrants]
    for number in range(options.rounds if answers else 0):
        visits = [v for v in visits if v and attempt(v, f'round {number + 1}', lambda v=v: turn(v, options, results))]
    visits = [v for v in visits if v]
    if 'edit' in options.parts and name in datasets.LOADED:
        def edit(visit):
            return attempt(visit, 'edit', lambda: note(visit, results, 'edit', visit.edit()))
        visits = [v for v in visits if v.threads > 1 or v.server.make == 'echo' or edit(v)]
    for visit in visits:
        visit.server.stop()
    options.records[name] = (data.title, data.records)
    shutil.rmtree(data.dir)


def measure_empty(options, results):
    """What a make uses before it has zones worth the name."""
    data = datasets.empty(options.top)
    for make in options.makes:
        visit = enter(make, 1, data, options, results) if make != 'echo' else None
        if visit:
            visit.server.stop()


# ---- tables: lists of cells, the first row is the head ----

def median(rows, key):
    values = [row[key] for row in rows if row[key] is not None]
    return statistics.median(values) if values else None


def counts(make, rows):
    """Whether the server was what limited the answers, and had its batches full."""
    busy, batch = median(rows, 'busy'), median(rows, 'batch')
    return busy >= SATURATED and batch is not None and batch >= FILLED * contenders.MAKES[make].most_read


def answers_table(results, what, name):
    rows = {key[2:]: value for key, value in results.items() if key[:2] == (what, name)}
    table = [['', 'workers', 'ns/answer', 'of knot', 'of echo', 'answers/s', 'busy', 'batch', 'wrong', 'lost', '']]
    for (make, threads), value in rows.items():
        batch = median(value, 'batch')
        table.append([
            make, str(threads), f'{median(value, "ns"):,.0f}', ratio(value, rows.get(('knot', 1))),
            ratio(value, rows.get(('echo', 1))), f'{median(value, "rate"):,.0f}', f'{median(value, "busy"):.2f}',
            '-' if batch is None or what == 'tcp' else f'{batch:.1f}', str(sum(row['wrong'] for row in value)),
            str(sum(row['lost'] for row in value)), note_of(what, make, threads, value)])
    return table if rows else None


def note_of(what, make, threads, rows):
    if threads > 1:
        return 'shares the cores with the generator'
    if what == 'tcp':
        return '' if median(rows, 'busy') >= SATURATED else 'does not count'
    return '' if counts(make, rows) else 'does not count'


def ratio(rows, others):
    """The median of what the rounds say."""
    return f'{statistics.median(a["ns"] / b["ns"] for a, b in zip(rows, others)):.2f}' if others else '-'


def load_table(results, name, records):
    table = [['', 'first answer s', 'octets/record', 'edit s', 'answered meanwhile', 'longest silence ms', 'peak of reload']]
    for make in contenders.ALL:
        load, edit = (results.get((what, name, make, 1)) for what in ('load', 'edit'))
        if load is None and edit is None:
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
        table.append([make, seconds, each, *changed])
    return table if len(table) > 1 else None


def tables(results, options):
    """Titles and tables, in the order of the manual."""
    for name, (title, records) in options.records.items():
        for in_flight in IN_FLIGHT:
            yield f'UDP, {title}, {in_flight} questions under way', answers_table(results, f'udp {in_flight}', name)
    for name, (title, records) in options.records.items():
        yield f'TCP, {title}, {CONNECTIONS} connections, {EACH} questions under way on each', answers_table(results, 'tcp', name)
    for name, (title, records) in options.records.items():
        yield f'Loading and editing, {title}, {records:,} records', load_table(results, name, records)


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
    parser.add_argument('--count', type=int, default=100_000, help='right answers of one turn')
    parser.add_argument('--rounds', type=int, default=9, help='of turns for all')
    parser.add_argument('--page', type=pathlib.Path, help='the manual page to write')
    options = parser.parse_args()
    options.build = options.build.resolve()
    if (os.cpu_count() or 1) < 2:
        parser.error('server and generator need a core each')
    options.records, results = {}, {}
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
