"""signing.py - zones signed by the tools of BIND and of NLnet Labs, with keys that are made for it."""

import pathlib
import subprocess

import dns.dnssec

import makes

DIRECTORY = pathlib.Path(__file__).resolve().parent / 'signed'


def run(top, *words):
    done = subprocess.run(words, cwd=top, text=True, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, f'{" ".join(words)}: {done.stdout}{done.stderr}'
    return done.stdout.strip()


def by_bind(top, zone, text, algorithm, *options):
    """By dnssec-signzone, with a key for the keys and one for the zone; DS come from the dsset of zones signed before."""
    keys = top / f'keys-{zone}'
    keys.mkdir()
    ksk = run(keys, '/usr/bin/dnssec-keygen', '-a', algorithm, '-f', 'KSK', zone)
    run(keys, '/usr/bin/dnssec-keygen', '-a', algorithm, zone)
    (top / f'{zone}.plain').write_text(text, encoding='ascii')
    run(top, '/usr/bin/dnssec-signzone', '-S', '-g', '-P', '-K', keys.name, '-o', zone, '-f', f'{zone}.signed', *options,
        f'{zone}.plain')
    return records(zone, top / f'{zone}.signed', top), [read_key(keys / f'{ksk}.key')]


def by_ldns(top, zone, text, algorithms, *options):
    """By ldns-signzone, with a key of each algorithm that signs everything."""
    keys = [run(top, '/usr/bin/ldns-keygen', '-a', algorithm, '-k', zone) for algorithm in algorithms]
    (top / f'{zone}.plain').write_text(text, encoding='ascii')
    run(top, '/usr/bin/ldns-signzone', *options, '-o', zone, '-f', f'{zone}.signed', f'{zone}.plain', *keys)
    return records(zone, top / f'{zone}.signed', top), [read_key(top / f'{key}.key') for key in keys]


def records(zone, path, top):
    """A record on each line, and nothing else: named-compilezone says when it would sign again."""
    return ''.join(line for line in makes.compiled(zone, path, top).splitlines(True) if not line.startswith(';'))


def read_key(path):
    """The DNSKEY as a line 'owner IN DNSKEY ...'."""
    for line in path.read_text(encoding='ascii').splitlines():
        words = line.partition(';')[0].split()
        if 'DNSKEY' in words:
            return ' '.join([words[0], 'IN', *words[words.index('DNSKEY'):]])
    raise AssertionError(f'no key in {path}')


def plain(name, zone, **words):
    """A file of this directory for that zone, with some words in it replaced."""
    text = (DIRECTORY / f'{name}.zone').read_text(encoding='ascii')
    for word, by in words.items():
        text = text.replace(word.upper().replace('_', '-'), by)
    return f'$ORIGIN {zone}.\n{text}'


def moved(path, zone):
    """A zone file of the unsigned tests under another name."""
    return path.read_text(encoding='ascii').replace(path.stem, zone)


def hashed(name, salt, iterations):
    return dns.dnssec.nsec3_hash(name, salt, iterations, 'SHA1').lower()
