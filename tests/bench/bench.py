#!/usr/bin/python3
"""bench.py BUILD [options] - what one right answer costs settled, other makes, and a server that does nothing, in CPU time.

    make -C BUILD && make -C BUILD tests/bench/flood && tests/bench/bench.py BUILD

Server on one core, load generator (flood.c) on another, one server at a time, in rounds, so that a slow minute of the machine
meets all of them. The zone is the same for all: 1,000 names with an address each, all asked in turn over UDP. What counts is
CPU nanoseconds of the server's threads (/proc/PID/task/*/schedstat) per right answer, as ratios within this run: absolute
numbers move from minute to minute. A row that was not saturated (CPU over time below 0.95), or whose answers came in batches
below 24, measured the generator instead, and is marked.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'interop'))

import dns.message  # noqa: E402

import makes  # noqa: E402
from daemons import Daemon, Settled  # noqa: E402

ZONE = 'bench.test'
SERVER_CORE, FLOOD_CORE = 0, 1
SATURATED, BATCH = 0.95, 24


class Echo(Daemon):
    """The ceiling: packets in, packets out."""

    make = 'echo'

    def command(self):
        return [str(self.flood), 'echo', self.address, str(self.port)]

    def wait_for(self, zone, serial=None):
        self.wait_ready()


def zone_text(names):
    lines = [f'{ZONE}. 3600 IN SOA ns.{ZONE}. hostmaster.{ZONE}. 1 3600 900 1209600 600', f'{ZONE}. 3600 IN NS ns.{ZONE}.',
             f'ns.{ZONE}. 3600 IN A 192.0.2.1']
    lines += [f'host{i}.{ZONE}. 3600 IN A 10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}' for i in range(names)]
    return '\n'.join(lines) + '\n'


def questions(names):
    """In wire form, each behind its length; shuffled, because nobody asks in order."""
    numbers = list(range(names))
    random.Random(1).shuffle(numbers)
    wires = [dns.message.make_query(f'host{i}.{ZONE}', 'A').to_wire() for i in numbers]
    return b''.join(len(wire).to_bytes(2, 'big') + wire for wire in wires)


def server_of(make, build, top, names):
    """Configured, not started."""
    if make == 'echo':
        server = Echo(top, '127.0.0.1')
        server.flood = build / 'tests' / 'bench' / 'flood'
        return server
    if make == 'settled':
        server = Settled(build, top, '127.0.0.1')
        server.threads = 1
        server.zones.mkdir()
        (server.zones / 'zone').write_text(zone_text(names), encoding='ascii')
        return server.configure([f'name: {ZONE}, role: primary, file: zone'])
    return MAKES[make](top, '127.0.0.1').primary({ZONE: zone_text(names)})


MAKES = {make.make: make for make in (makes.Knot, makes.Nsd, makes.Bind, makes.PowerDns)}
ALL = ['echo', 'settled', *MAKES]


def pin(core):
    return lambda: os.sched_setaffinity(0, {core})


def cpu_ns(server):
    """Of all threads of all processes of the server's session."""
    total = 0
    for process in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            session = int((process / 'stat').read_text().rpartition(')')[2].split()[3])
            if session == server.process.pid:
                total += sum(int((task / 'schedstat').read_text().split()[0]) for task in (process / 'task').iterdir())
        except (OSError, IndexError):
            continue  # it has just ended
    return total


def measure(server, options, asked):
    os.sched_setaffinity(0, {SERVER_CORE})  # children inherit it
    server.start()
    os.sched_setaffinity(0, {FLOOD_CORE})
    try:
        server.wait_for(ZONE)
        flood(server, options, asked, options.count // 10)  # warm
        before = cpu_ns(server)
        seen = flood(server, options, asked, options.count)
        used = cpu_ns(server) - before
    finally:
        server.stop()
    return {'ns': used / seen['right'], 'saturated': used / 1e9 / seen['seconds'], 'batch': seen['batch'],
            'lost': seen['lost'], 'wrong': seen['wrong']}


def flood(server, options, asked, count):
    words = [options.build / 'tests' / 'bench' / 'flood', 'ask', server.address, server.port, asked, count,
             options.in_flight]
    words += ['echo'] if server.make == 'echo' else []
    done = subprocess.run([str(word) for word in words], check=True, text=True, stdout=subprocess.PIPE, timeout=600)
    return json.loads(done.stdout)


def show(rows):
    medians = {make: statistics.median(row['ns'] for row in rounds) for make, rounds in rows.items()}
    print(f'{"":10}{"CPU ns/answer":>14}{"of knot":>9}{"of echo":>9}{"busy":>7}{"batch":>7}{"lost":>8}{"wrong":>7}')
    for make, rounds in rows.items():
        busy = statistics.median(row['saturated'] for row in rounds)
        batch = statistics.median(row['batch'] for row in rounds)
        print(f'{make:10}{medians[make]:14.0f}{ratio(medians, make, "knot")}{ratio(medians, make, "echo")}{busy:7.2f}{batch:7.1f}'
              f'{sum(row["lost"] for row in rounds):8}{sum(row["wrong"] for row in rounds):7}'
              f'{"" if busy >= SATURATED and batch >= BATCH else "  does not count: the server was not saturated"}')


def ratio(medians, make, to):
    return f'{medians[make] / medians[to]:9.2f}' if to in medians else f'{"-":>9}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path, help='a build without sanitizers, with -O2')
    parser.add_argument('--count', type=int, default=1_000_000, help='right answers of one server in one round')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--in-flight', type=int, default=192, help='questions under way')
    parser.add_argument('--names', type=int, default=1000)
    parser.add_argument('--only', default=','.join(ALL), help='makes, separated by commas')
    options = parser.parse_args()
    options.build = options.build.resolve()
    chosen = options.only.split(',')
    if not set(chosen) <= set(ALL):
        parser.error(f'--only takes {", ".join(ALL)}')
    if (os.cpu_count() or 1) < 2:
        parser.error('server and generator need a core each')
    rows = {make: [] for make in chosen}
    with tempfile.TemporaryDirectory(prefix='bench-') as top:
        asked = pathlib.Path(top, 'questions')
        asked.write_bytes(questions(options.names))
        for number in range(options.rounds):
            inside = pathlib.Path(top, str(number))
            inside.mkdir()
            for make in chosen:
                rows[make].append(measure(server_of(make, options.build, inside, options.names), options, asked))
    show(rows)


if __name__ == '__main__':
    main()
