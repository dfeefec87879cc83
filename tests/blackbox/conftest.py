"""conftest.py - fleets for the tests, the logs of one that failed, and an end to a test that hangs."""

import signal

import pytest

import fleet as fleets

LONGEST = 150  # seconds of one test; more is a hang


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for f in [v for v in getattr(item, 'funcargs', {}).values() if hasattr(v, 'logs')]:
            report.sections.append(('daemons', f.logs()))


@pytest.fixture(autouse=True)
def not_for_ever():
    def over(number, frame):
        raise AssertionError(f'not over after {LONGEST} s')

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def fleet(tmp_path):
    f = fleets.Fleet(tmp_path)
    yield f
    f.stop()


@pytest.fixture(scope='module')
def module_fleet(tmp_path_factory):
    """One fleet for all tests of a file that do not change it."""
    f = fleets.Fleet(tmp_path_factory.mktemp('fleet'))
    yield f
    f.stop()
