"""test_as_primary.py - settled is the primary, secondaries are of other makes: NOTIFY, transfer, the ledger that sees it."""

import json

import dns.message
import dns.query
import dns.rdatatype
import dns.zone
import pytest

import makes
from daemons import PATIENCE, ZONES, records_of

SECONDARIES = {make.make: make for make in (makes.Bind, makes.Knot, makes.Nsd, makes.PowerDns)}
SECONDARIES['knot-v6'] = makes.Knot
EXAMPLES = sorted(path.stem for path in ZONES.glob('*.zone'))
NAMES = [*EXAMPLES, 'large.test', 'signed.test']
pytestmark = pytest.mark.usefixtures('fleet')


def holders(zone):
    """Who has a copy of it."""
    return [name for name, make in SECONDARIES.items() if make.holds_signed or zone != 'signed.test']


@pytest.fixture(scope='module')
def texts(zones, hard_zones):
    return {**zones, **hard_zones}


@pytest.fixture(scope='module')
def primary(place, hard_zones):
    p = place.settled('primary').dual().take_zones(ZONES)
    for zone, text in hard_zones.items():
        (p.zones / f'{zone}.zone').write_text(text, encoding='ascii')
    return p


@pytest.fixture(scope='module')
def fleet(place, primary):
    """The secondaries, by name."""
    peers = {name: place.peer(make, name, '::1' if name.endswith('v6') else None) for name, make in SECONDARIES.items()}
    primary.configure([f'name: {zone}, role: primary, file: {zone}.zone, notify: [{", ".join(holders(zone))}], '
                       f'transfer: [127.0.0.0/8, "::1"]' for zone in NAMES], peers.values())
    primary.start()
    for zone in NAMES:
        primary.wait_for(zone)
    for name, peer in peers.items():
        peer.secondary([zone for zone in NAMES if name in holders(zone)], primary).start()
    return peers


def waited(primary, zone, *words):
    """settlectl wait, which has to succeed."""
    done = primary.ctl('wait', zone, '--timeout', f'{PATIENCE}s', *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def records_in(text, zone):
    read = dns.zone.from_text(text, zone, relativize=False)
    return {(name, rdataset.rdtype, rdataset.ttl, rdata) for name, rdataset in read.iterate_rdatasets() for rdata in rdataset}


def edited(primary, zone, line):
    """One more line at the end of the zone file, and SOA left alone: the serial is ours to count on."""
    path = primary.zones / f'{zone}.zone'
    new = path.with_suffix('.new')
    new.write_text(f'{path.read_text(encoding="ascii")}\n$ORIGIN {zone}.\n{line}\n', encoding='ascii')
    new.rename(path)


@pytest.mark.parametrize('zone', NAMES)
def test_we_serve_what_bind_reads_in_the_file(primary, texts, zone):
    assert primary.transfer(zone) == records_in(texts[zone], zone)


@pytest.mark.parametrize('zone', NAMES)
def test_every_secondary_is_seen_serving(primary, fleet, zone):
    told = waited(primary, zone)
    status = json.loads(primary.ctl('--json', 'status', zone).stdout)
    assert {peer['name']: peer['state'] for peer in status['peers']} == {name: 'serving' for name in holders(zone)}
    assert {peer['serial'] for peer in status['peers']} == {status['serial']}
    assert all(name in told for name in holders(zone))


@pytest.mark.parametrize('name,zone', [(name, zone) for zone in NAMES for name in holders(zone)])
def test_the_copy_is_the_same_record_for_record(primary, fleet, name, zone):
    fleet[name].wait_for(zone)
    assert fleet[name].transfer(zone) == primary.transfer(zone)


@pytest.mark.parametrize('zone', [*EXAMPLES, 'large.test'])
def test_an_edit_travels(primary, fleet, zone):
    before = primary.serial(zone)
    edited(primary, zone, 'interop TXT "an edit that travels"')
    waited(primary, zone)
    after = primary.serial(zone)
    assert after == before + 1
    whole = primary.transfer(zone)
    for peer in fleet.values():
        # NSD's old process may answer a last question after its new one has answered ours
        peer.wait_for(zone, after)
        assert [r.to_text() for r in peer.ask(f'interop.{zone}', 'TXT').answer[0]] == ['"an edit that travels"']
        assert peer.transfer(zone) == whole


def test_a_question_for_changes_is_answered_with_the_whole_zone(primary):
    zone = 'example.net'
    now = primary.serial(zone)
    messages = dns.query.xfr(primary.address, zone, 'IXFR', port=primary.port, serial=now - 1, relativize=False,
                             timeout=PATIENCE, lifetime=PATIENCE)
    assert set().union(*(records_of(m.answer) for m in messages)) == primary.transfer(zone)


def test_a_question_for_changes_over_udp_is_answered_with_the_soa(primary):
    zone = 'example.net'
    now = primary.serial(zone)
    for have in (now - 1, now):
        question = dns.message.make_query(zone, 'IXFR')
        question.find_rrset(question.authority, question.question[0].name, dns.rdataclass.IN, dns.rdatatype.SOA,
                            create=True).add(dns.rdata.from_text('IN', 'SOA', f'. . {have} 1 1 1 1'))
        answer = dns.query.udp(question, primary.address, port=primary.port, timeout=PATIENCE)
        assert len(answer.answer) == 1 and answer.answer[0][0].serial == now


def test_a_secondary_that_was_away_is_named_and_catches_up(primary, fleet):
    zone = 'example.net'
    waited(primary, zone)
    fleet['knot'].stop()
    edited(primary, zone, 'away TXT "while one was away"')
    missing = primary.ctl('wait', zone, '--timeout', '2s')
    assert missing.returncode == 3 and 'knot' in missing.stdout, missing.stdout + missing.stderr
    fleet['knot'].start()
    waited(primary, zone)
    assert fleet['knot'].transfer(zone) == primary.transfer(zone)


def test_a_burst_of_edits_ends_with_the_last(primary, fleet):
    zone = 'example.com'
    for number in range(8):
        edited(primary, zone, f'burst{number} A 192.0.2.{number}')
    waited(primary, zone)
    whole = primary.transfer(zone)
    for peer in fleet.values():
        peer.wait_for(zone, primary.serial(zone))
        assert peer.transfer(zone) == whole
        assert peer.ask(f'burst7.{zone}', 'A').answer[0][0].address == '192.0.2.7'
