"""conftest.py - where the servers of these tests live: one directory, addresses of their own, an end for each of them."""

import os
import pathlib
import shutil
import tempfile

import pytest

import makes
from daemons import ZONES, Settled


class Place:
    """Starts servers of any make and stops them in the end."""

    def __init__(self, build, top, net):
        self.build, self.top, self.net = build, top, net
        self.daemons = []

    def settled(self, name):
        return self.kept(Settled(self.build, self.top, self.address(), name))

    def peer(self, make, name=None, address=None):
        # BIND listens only where an interface has the very address, which is true of one in 127.0.0.0/8
        address = '127.0.0.1' if make is makes.Bind else address or self.address()
        return self.kept(make(self.top, address, name))

    def address(self):
        self.net[-1] += 1
        return '.'.join(map(str, self.net))

    def kept(self, daemon):
        self.daemons.append(daemon)
        return daemon

    def stop(self):
        troubles = []
        for daemon in reversed(self.daemons):
            try:
                daemon.stop()
            except AssertionError as trouble:
                troubles.append(str(trouble))
        assert not troubles, '\n'.join(troubles)


@pytest.fixture(scope='session')
def build():
    """The directory with our two programs, from the environment."""
    path = pathlib.Path(os.environ.get('SETTLED_BUILD') or pytest.exit('SETTLED_BUILD names no build directory', 1)).resolve()
    if not (path / 'settled').is_file() or not (path / 'settlectl').is_file():
        pytest.exit(f'no settled and settlectl in {path}', 1)
    return path


@pytest.fixture(scope='session')
def top():
    """A short path: those of UNIX sockets may not be long."""
    path = pathlib.Path(tempfile.mkdtemp(prefix='interop-'))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope='session')
def net():
    """127.a.b.0, where a and b come from our process, so that two runs at a time do not meet."""
    return [127, 1 + os.getpid() // 250 % 250, 1 + os.getpid() % 250, 0]


@pytest.fixture(scope='module')
def place(request, build, top, net):
    inside = top / request.module.__name__.removeprefix('test_')
    inside.mkdir()
    p = request.config.place = Place(build, inside, net)
    yield p
    p.stop()


@pytest.fixture(scope='session')
def zones(top):
    """The zones of the examples, {name: text}, in the words of named-compilezone."""
    return {path.stem: makes.compiled(path.stem, path, top) for path in sorted(ZONES.glob('*.zone'))}


@pytest.fixture(scope='session')
def hard_zones(top):
    """Zones that are hard to transfer, likewise: one is signed, one is large."""
    links = (pathlib.Path(__file__).parent / 'data' / 'links.test.zone').read_text(encoding='ascii')
    path = top / 'links.zone'
    path.write_text(links.replace('links.test', 'signed.test'), encoding='ascii')
    return {'large.test': makes.large('large.test'),
            'signed.test': makes.signed('signed.test', makes.compiled('signed.test', path, top), top)}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for daemon in getattr(item.config, 'place', Place(None, None, None)).daemons:
            if daemon.process is not None:
                report.sections.append((f'end of the log of {daemon.name}', daemon.log()[-2500:]))
