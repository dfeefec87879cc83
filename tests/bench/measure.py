"""measure.py - one server with one data set, from its start to its stop: what loading, answering and an edit cost it."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import threading
import time

import contenders
import datasets

ALL_CORES = os.sched_getaffinity(0)
SERVER_CORE, FLOOD_CORE = 0, 1
BURST = 32  # of flood.c
CONNECTIONS, EACH = 8, 32  # TCP: questions under way on each
WARM = 0.3  # seconds that a server is asked before its turn is measured
PATIENCE = 60  # seconds that a start or an edit may take
TIMES, TIMES_LAST = 5, 10  # starts and edits: so many, unless they have taken so many seconds before


class Visit:
    """Start, measure, stop. `options`: build, seconds (of one measurement). `given_up`: why, for each part that this server could
    not do."""

    def __init__(self, server, data, options, threads=1):
        self.server, self.data, self.options, self.threads = server, data, options, threads
        self.given_up = {}
        self.flood = options.build / 'tests' / 'bench' / 'flood'

    def start(self):
        """Seconds from exec to the first right answer, for 10,000 zones to those of a hundred of them."""
        begin = time.monotonic()
        self.server.start()
        if self.server.make == 'echo':
            self.server.wait_ready()
        else:
            with self.asker() as s:
                for name in self.data.probe:
                    until(lambda name=name: address_of(s, name) is not None, f'{self.server} answers {name}')
        return time.monotonic() - begin

    def asker(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(0.05)
        s.connect((self.server.address, self.server.port))
        return s

    def pin(self, cores):
        for process in contenders.processes(self.server):
            for task in (process / 'task').iterdir():
                os.sched_setaffinity(int(task.name), cores)

    def memory(self):
        time.sleep(1)  # what loading needed goes back
        return contenders.memory(self.server)

    def udp(self, in_flight):
        return self.answers(of_udp(in_flight))

    def tcp(self):
        return self.answers(OF_TCP)

    def answers(self, words):
        """With a core for the server, and one for the generator. How many packets it takes at once is looked at before the turn,
        as that makes system calls slower."""
        words = [*words, *(['-e'] if self.server.make == 'echo' else [])]
        self.pin({SERVER_CORE})
        os.sched_setaffinity(0, {FLOOD_CORE})  # what we start inherits it
        try:
            said, reads = contenders.reads_of(self.server, self.words(['-d', WARM, *words]))
            batch = json.loads(said)['right'] / reads if reads else None
            ask = self.words(['-d', self.options.seconds, *words])
            return {**self.used_by(lambda: [json.loads(contenders.run(ask))]), 'batch': batch}
        finally:
            self.pin(ALL_CORES)
            os.sched_setaffinity(0, ALL_CORES)

    def shared(self, words):
        """With a core for each worker, and on each of these a generator, too."""
        cores = range(self.threads)
        self.pin(set(cores))
        try:
            self.generate(cores, WARM, words)
            return self.used_by(lambda: self.generate(cores, self.options.seconds, words))
        finally:
            self.pin(ALL_CORES)
            os.sched_setaffinity(0, ALL_CORES)

    def generate(self, cores, seconds, words):
        """What the generators have seen."""
        with contextlib.ExitStack() as stack:
            floods = []
            for core in cores:
                os.sched_setaffinity(0, {core})
                asks = subprocess.Popen(self.words(['-d', seconds, *words]), stdout=subprocess.PIPE, text=True)
                floods.append(stack.enter_context(asks))
            return [json.loads(flood.communicate(timeout=contenders.FLOOD_MOST)[0]) for flood in floods]

    def used_by(self, ask):
        """What the server used for each right answer while `ask` ran, which gives what its generators have seen."""
        before, waited = contenders.cpu_ns(self.server), contenders.waited_ns(self.server)
        seen = ask()
        used = contenders.cpu_ns(self.server) - before
        wanted = used + contenders.waited_ns(self.server) - waited  # more than one thread may want the same moment
        right, seconds = sum(one['right'] for one in seen), max(one['seconds'] for one in seen)
        return {'ns': used / right, 'busy': min(1, wanted / 1e9 / seconds / self.threads), 'rate': right / seconds,
                'lost': sum(one['lost'] for one in seen), 'wrong': sum(one['wrong'] for one in seen)}

    def words(self, words):
        return [str(w) for w in [self.flood, 'ask', *words, self.server.address, self.server.port, self.data.questions]]

    def edit(self):
        """One record of one zone in another file, several times: seconds to the new answer, answers meanwhile beside those before,
        and the most memory."""
        owner = self.data.edited
        zone = owner.partition('.')[2]
        place = self.server.place(zone)
        text, edits = place.read_bytes(), []
        peak = Peak(self.server)
        try:
            while not is_enough(edits):
                address = f'10.255.255.{len(edits)}'
                new = pathlib.Path(f'{place}.new')
                new.write_bytes(datasets.edited(text, owner, address, serial=2 + len(edits)))
                edits.append(self.edit_once(new, zone, address))
        finally:
            most = peak.stop()
        return [{**edit, 'peak': most} for edit in edits]

    def edit_once(self, new, zone, address):
        usual = self.answered_during(lambda: time.sleep(1))
        taken = []

        def change():
            taken.append(self.changed(new, zone, address))
            time.sleep(max(0, 1 - taken[0]))  # less than a second is no rate

        during = self.answered_during(change)
        return {'seconds': taken[0], 'rate': during['rate'] / usual['rate'], 'silence': during['silence']}

    def changed(self, new, zone, address):
        """Seconds from the new file to the new answer."""
        begin = time.monotonic()
        os.replace(new, self.server.place(zone))
        self.server.reread(zone)
        with self.asker() as s:
            until(lambda: address_of(s, self.data.edited) == address, f'{self.server} has the edit', begin)
        return time.monotonic() - begin

    def answered_during(self, what):
        """The generator has its stride before `what` begins."""
        with subprocess.Popen(self.words(['-d', 0, *of_udp(2 * BURST)]), stdout=subprocess.PIPE, text=True) as flood:
            try:
                time.sleep(0.5)
                flood.send_signal(signal.SIGUSR1)
                what()
            finally:
                flood.send_signal(signal.SIGTERM)
            seen = json.loads(flood.communicate(timeout=PATIENCE)[0])
        return {'rate': seen['right'] / seen['seconds'], 'silence': seen['silence']}


def is_enough(times):
    return len(times) >= TIMES or sum(one['seconds'] for one in times) >= TIMES_LAST


def of_udp(in_flight):
    """What the generator is told."""
    return ['-f', in_flight, '-s', max(1, in_flight // BURST)]


OF_TCP = ['-t', '-f', CONNECTIONS * EACH, '-s', CONNECTIONS]


class Peak:
    """The most memory the server has, looked at five times a second until `stop`, and two seconds longer."""

    def __init__(self, server):
        self.server, self.most, self.over = server, 0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.over.wait(0.2):
            self.most = max(self.most, contenders.memory(self.server))

    def stop(self):
        time.sleep(2)
        self.over.set()
        self.thread.join()
        return self.most


def until(condition, what, begin=None):
    end = (time.monotonic() if begin is None else begin) + PATIENCE
    while not condition():
        assert time.monotonic() < end, f'{what}: not within {PATIENCE} s'
        time.sleep(0.002)


def address_of(s, name):
    """The one address of a name; None: another answer, or none."""
    ident = os.urandom(2)
    try:
        s.send(ident + datasets.positive(name)[7 + 2:])
        got = s.recv(4096)
        while got[:2] != ident:
            got = s.recv(4096)
    except OSError:  # nobody there, or lost
        return None
    rcode, answers = got[3] & 15, struct.unpack('!H', got[6:8])[0]
    at = 12 + len(datasets.wire(name)) + 4 + 12  # behind the question, and owner to length of the record
    return socket.inet_ntoa(got[at:at + 4]) if rcode == 0 and answers == 1 else None
