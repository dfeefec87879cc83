"""test_mutants.py - zones with one mistake each: do we and the checkers of BIND, Knot and ldns agree on which are wrong?

Each mutant is one of the example zones with one mutation: a letter, a word or a line changed. What all three others take and we
refuse, or the other way round, must be in REFUSED or TAKEN below, with the reason; anything else there is a mistake of ours. Every
error of ours has its place. The mutants come from a seed: MUTANTS=20000 and MUTANTS_SEED=7 make more, or others.
"""

import concurrent.futures
import os
import random
import re
import shutil
import subprocess

import pytest

from fleet import QUICK, ROOT, SETTLECTL

MUTANTS = int(os.environ.get('MUTANTS', 5000))
SEED = int(os.environ.get('MUTANTS_SEED', 1))
PARTS = {  # zone: how many of the forty parts the mutants are made in
    'example.com': 24,
    'example.net': 4,
    '2.0.192.in-addr.arpa': 6,
    '8.b.d.0.1.0.0.2.ip6.arpa': 6,
}
TOOLS = ['named-checkconf', 'kzonecheck', 'ldns-read-zone']
NUMBERS = ['0', '1', '255', '256', '65535', '65536', '2147483647', '2147483648', '4294967295', '4294967296', '-1', '1w', '1x']
LETTERS = ' \t\n"();\\.@$*-_/:0a\x01\xe9'

# Where we refuse what the others take: a piece of our error, and why that is right.
REFUSED = {
    r'\$GENERATE: expected a range': 'BIND alone knows $GENERATE, and does not look at what stands behind the range',
    r'\$GENERATE: the width in': 'BIND alone knows $GENERATE, and lets the number overflow',
}
# Where we take what the others refuse: a piece of what we say, or of the changed line, and why that is right.
TAKEN = {
    r'\$GENERATE .* \(the end\)': 'BIND alone knows $GENERATE, and wants a newline behind it, also at the end of the file',
    r'warning: .*: NS points to .*, (a name that does not exist|which has no address)': 'unwise, but no answer is ambiguous',
}


# ---- mutations: text and dice in, text out ----

def words_of(text):
    return list(re.finditer(r'[^\s()"]+', text))


def spot(text, dice):
    return dice.randrange(len(text))


def drop_letter(text, dice):
    at = spot(text, dice)
    return text[:at] + text[at + 1:]


def add_letter(text, dice):
    at = spot(text, dice)
    return text[:at] + dice.choice(LETTERS) + text[at:]


def change_letter(text, dice):
    at = spot(text, dice)
    return text[:at] + dice.choice(LETTERS) + text[at + 1:]


def swap_letters(text, dice):
    at = dice.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2:]


def change_case(text, dice):
    at = spot(text, dice)
    return text[:at] + text[at].swapcase() + text[at + 1:]


def drop_word(text, dice):
    word = dice.choice(words_of(text))
    return text[:word.start()] + text[word.end():]


def double_word(text, dice):
    word = dice.choice(words_of(text))
    return text[:word.end()] + ' ' + word.group() + text[word.end():]


def swap_words(text, dice):
    words = words_of(text)
    at = dice.randrange(len(words) - 1)
    one, other = words[at], words[at + 1]
    return text[:one.start()] + other.group() + text[one.end():other.start()] + one.group() + text[other.end():]


def other_word(text, dice):
    words = words_of(text)
    word = dice.choice(words)
    return text[:word.start()] + dice.choice(words).group() + text[word.end():]


def other_number(text, dice):
    number = dice.choice(list(re.finditer(r'\b\d+\b', text)))
    return text[:number.start()] + dice.choice(NUMBERS) + text[number.end():]


def final_dot(text, dice):
    word = dice.choice(words_of(text))
    return text[:word.end() - 1] + text[word.end():] if word.group().endswith('.') else text[:word.end()] + '.' + text[word.end():]


def drop_line(text, dice):
    lines = text.splitlines(True)
    del lines[dice.randrange(len(lines))]
    return ''.join(lines)


def double_line(text, dice):
    lines = text.splitlines(True)
    at = dice.randrange(len(lines))
    return ''.join(lines[:at + 1] + lines[at:])


def swap_lines(text, dice):
    lines = text.splitlines(True)
    at = dice.randrange(len(lines) - 1)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return ''.join(lines)


def join_lines(text, dice):
    ends = [i for i, c in enumerate(text) if c == '\n']
    at = dice.choice(ends)
    return text[:at] + ' ' + text[at + 1:]


def cut(text, dice):
    return text[:spot(text, dice)]


MUTATIONS = [drop_letter, add_letter, change_letter, swap_letters, change_case, drop_word, double_word, swap_words, other_word,
             other_number, final_dot, drop_line, double_line, swap_lines, join_lines, cut]


def mutants(zone, part, count):
    """(what was done, text), each another, none like the zone itself."""
    original = (ROOT / 'zones' / f'{zone}.zone').read_text()
    dice = random.Random(f'{SEED} {zone} {part}')
    seen = {original}
    while len(seen) <= count:
        mutation = dice.choice(MUTATIONS)
        text = mutation(original, dice)
        if text not in seen:
            seen.add(text)
            yield mutation.__name__, text


# ---- judges: which of the files does each take? ----

def by_named(zone, paths):
    """All of them in one process, each in a view of its own."""
    conf = paths[0].parent / 'named.conf'
    view = 'view "m{n}" {{ match-clients {{ any; }}; zone "{zone}" {{ type primary; file "{path}"; check-names ignore; }}; }};\n'
    conf.write_text(f'options {{ directory "{conf.parent}"; check-integrity no; recursion no; }};\n' + ''.join(
        view.format(n=n, zone=zone, path=path) for n, path in enumerate(paths)))
    done = subprocess.run(['named-checkconf', '-z', conf], capture_output=True, check=False, timeout=100)
    said = (done.stdout + done.stderr).decode(errors='replace')
    bad = {int(n) for n in re.findall(rf'^m(\d+)/{re.escape(zone)}/IN: ', said, re.M)}
    assert done.returncode in (0, 1) and len(bad) + len(re.findall(r': loaded serial ', said)) == len(paths), said[-2000:]
    return [n not in bad for n in range(len(paths))]


def takes(*command):
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=60, close_fds=False)
    return done.returncode == 0


def by_us(zone, path):
    done = subprocess.run([SETTLECTL, 'check-zone', zone, path], capture_output=True, check=False, timeout=60, close_fds=False,
                          env=QUICK)
    said = done.stdout.decode(errors='replace') + done.stderr.decode(errors='replace')
    assert done.returncode in (0, 1), (path, said)
    return done.returncode == 0, said


def changed_line(zone, text):
    """The first line that is not the zone's any more."""
    original = (ROOT / 'zones' / f'{zone}.zone').read_text()
    for old, new in zip(original.split('\n'), text.split('\n')):
        if old != new:
            return new
    return text.split('\n')[-1]


def reason_of(table, words):
    return next((reason for piece, reason in table.items() if re.search(piece, words)), None)


def first_error(said):
    return next((line for line in said.splitlines() if ': error: ' in line), said.split('\n', 1)[0])


def check_places(path, said):
    """FILE:LINE:COLUMN, but where the zone as a whole is meant."""
    errors = [line for line in said.splitlines() if ' error: ' in line and not line.startswith(' ')]
    for line in errors:
        assert re.match(r'[^:]+:\d+:\d+: error: ', line) or 'the zone has no SOA' in line, (path, line)
    assert errors, (path, said)


@pytest.mark.parametrize('zone, part', [(zone, part) for zone, parts in PARTS.items() for part in range(parts)])
def test_we_agree_with_others(zone, part, tmp_path):
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    assert not missing, f'missing: {missing}; tools/packages installs them'
    shutil.copy(ROOT / 'zones' / 'hosts.inc', tmp_path)
    made = list(mutants(zone, part, MUTANTS // sum(PARTS.values())))
    paths = [tmp_path / f'{n}.zone' for n in range(len(made))]
    for path, (_, text) in zip(paths, made):
        path.write_text(text, encoding='latin-1')
    whole = tmp_path / 'whole.zone'
    shutil.copy(ROOT / 'zones' / f'{zone}.zone', whole)
    judges = {'kzonecheck': ['kzonecheck', '-o', zone], 'ldns-read-zone': ['ldns-read-zone']}
    judges = {name: command for name, command in judges.items() if takes(*command, whole)}  # those that know $GENERATE, $INCLUDE
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        ours = list(pool.map(lambda path: by_us(zone, path), paths))
    unexplained = []
    for path, (mutation, text), (taken, said), by_bind in zip(paths, made, ours, by_named(zone, paths)):
        if not taken:
            check_places(path, said)
        if by_bind == taken or any(takes(*command, path) == taken for command in judges.values()):
            continue
        line = changed_line(zone, text)
        reason = reason_of(TAKEN, said + line + ('' if text.endswith('\n') else ' (the end)')) if taken else reason_of(REFUSED, first_error(said))
        if reason is None:
            unexplained.append(f'{path} {mutation}: {line!r}: {"taken" if taken else first_error(said)}')
    assert not unexplained, f'{len(unexplained)} mutants, among them:\n' + '\n'.join(unexplained[:60])
