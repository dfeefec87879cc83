"""measure.py - one server with one data set, from its start to its stop: what loading, answering and an edit cost it."""

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

SERVER_CORE, FLOOD_CORE = 0, 1
BURST = 32  # of flood.c
CONNECTIONS, EACH = 8, 32  # TCP: questions under way on each
PATIENCE = 180  # seconds that a start or an edit may take
AFTER = '10.255.255.254'  # the address after the edit


class Visit:
    """Start, measure, stop. `options`: build, count (right answers of one measurement). `given_up`: why, for each part that
    this server could not do."""

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

    def pin(self, apart):
        """Server and generator on a core each, or all on all."""
        cores = set(range(os.cpu_count() or 1))
        for process in contenders.processes(self.server):
            for task in (process / 'task').iterdir():
                os.sched_setaffinity(int(task.name), {SERVER_CORE} if apart else cores)
        os.sched_setaffinity(0, {FLOOD_CORE} if apart else cores)  # what we start inherits it

    def memory(self):
        time.sleep(1)  # what loading needed goes back
        return contenders.memory(self.server)

    def udp(self, in_flight):
        return self.answers(in_flight, ['-f', in_flight, '-s', max(1, in_flight // BURST)])

    def tcp(self):
        return self.answers(CONNECTIONS * EACH, ['-t', '-f', CONNECTIONS * EACH, '-s', CONNECTIONS])

    def answers(self, in_flight, words):
        self.pin(self.threads == 1)
        try:
            return self.answers_pinned(in_flight, words)
        finally:
            self.pin(False)

    def answers_pinned(self, in_flight, words):
        words += ['-e'] if self.server.make == 'echo' else []
        contenders.run(self.words(['-n', max(in_flight, self.options.count // 10), *words]))  # warm
        before, waited = contenders.cpu_ns(self.server), contenders.waited_ns(self.server)
        said, reads = contenders.reads_of(self.server, self.words(['-n', self.options.count, *words]))
        used = contenders.cpu_ns(self.server) - before
        wanted = used + contenders.waited_ns(self.server) - waited  # more than one thread may want the same moment
        seen = json.loads(said)
        return {'ns': used / seen['right'], 'busy': min(1, wanted / 1e9 / seen['seconds'] / self.threads),
                'rate': seen['right'] / seen['seconds'], 'batch': seen['right'] / reads if reads else None,
                'lost': seen['lost'], 'wrong': seen['wrong']}

    def words(self, words):
        return [str(w) for w in [self.flood, 'ask', *words, self.server.address, self.server.port, self.data.questions]]

    def edit(self):
        """One record of one zone in another file: seconds to the new answer, answers meanwhile beside those before, and the most
        memory."""
        owner = self.data.edited
        zone = owner.partition('.')[2]
        place = self.server.place(zone)
        new = pathlib.Path(f'{place}.new')
        new.write_bytes(datasets.edited(place.read_bytes(), owner, AFTER))
        usual = self.answered_during(lambda: time.sleep(1))
        peak, taken = Peak(self.server), []

        def change():
            taken.append(self.changed(new, place, zone))
            time.sleep(max(0, 1 - taken[0]))  # less than a second is no rate

        try:
            during = self.answered_during(change)
        finally:
            most = peak.stop()
        return {'seconds': taken[0], 'rate': during['rate'] / usual['rate'], 'silence': during['silence'], 'peak': most}

    def changed(self, new, place, zone):
        """Seconds from the new file to the new answer."""
        begin = time.monotonic()
        os.replace(new, place)
        self.server.reread(zone)
        with self.asker() as s:
            until(lambda: address_of(s, self.data.edited) == AFTER, f'{self.server} has the edit', begin)
        return time.monotonic() - begin

    def answered_during(self, what):
        """The generator has its stride before `what` begins."""
        with subprocess.Popen(self.words(['-n', 0, '-f', 2 * BURST, '-s', 2]), stdout=subprocess.PIPE, text=True) as flood:
            try:
                time.sleep(0.5)
                flood.send_signal(signal.SIGUSR1)
                what()
            finally:
                flood.send_signal(signal.SIGTERM)
            seen = json.loads(flood.communicate(timeout=PATIENCE)[0])
        return {'rate': seen['right'] / seen['seconds'], 'silence': seen['silence']}


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
