"""page.py - the tables of a run as the manual page settled-performance(7)."""

import datetime
import os
import pathlib
import platform
import re

HEAD = r"""'\" t
.\" settled-performance.7 - written by tests/bench/bench.py --page; not by hand.
.Dd {date}
.Dt SETTLED-PERFORMANCE 7
.Os
.Sh NAME
.Nm settled-performance
.Nd what settled costs, measured beside other name servers
.Sh DESCRIPTION
Measured on {date},
on {machine},
by
.Pa tests/bench/bench.py
of the source.
It does the same on your machine.
.Pp
All servers run, each with the same zones, set up to be fast; one is asked at a
time.
A fifth each of the questions is positive, for a name that is not there
(NXDOMAIN), for a type that is not there, a referral, and answered from a
wildcard.
Every answer is looked at: rcode, AA, the question, and how many records are
in its sections.
Questions come again after some thousands; where each is new, its letters are
small and large as in no other, so that no server can know the answer by the
question's octets, as settled does of those that came before.
.Bl -tag -width "ns/answer"
.It Em ns/answer
The CPU time of all of the server's threads for one right answer, in
nanoseconds.
.Em of knot
and
.Em of echo
compare it with Knot DNS and with a server that does nothing but send each
packet back, round by round of turns a second long, and are the median of all
rounds: absolute numbers move from machine to machine and from second to
second, ratios do so less.
.It Em busy
The share of the time in which the server's threads had the CPU or waited
for it.
.It Em batch
How many packets it took with one system call: 32 at most; Knot DNS 10,
BIND 20, NSD and PowerDNS 1.
.El
.Pp
Server and generator have a core each.
A row counts only if the server, and not the generator, was the limit.
.Bl -tag -width "Two workers"
.It Em Two workers
Each worker shares its core with a generator, so all of it is dearer than above;
each generator has 768 questions under way over UDP, and 256 over TCP.
.Em of one
says what an answer costs with two workers, beside one; half of the questions
come from the other core's generator then, with one worker none do.
.Em of knot
compares with as many of Knot DNS's workers.
.El
.Bl -tag -width "first answer s"
.It Em first answer s
Seconds from exec to the first right answer, of 10,000 zones to those of a
hundred of them.
.It Em octets/record
What a server has in memory more than one without zones, by record.
.It Em edit s
Seconds from the file with one changed record, in its place, to the new
answer; then how many questions were answered in the second from the edit on,
or until the new answer where that takes longer, beside those in the second
before, the longest time without any answer, and the most memory during the
edits beside that before.
The generator and the server, which reads and answers, share two cores.
.El
.Pp
Starts and edits are the median of five, or of as many as began within ten
seconds.
.Ss Versions
{versions}
"""

TAIL = r""".Sh SEE ALSO
.Xr settled.conf 5 ,
.Xr settled 8
"""


def machine():
    model = re.search(r'model name\s*:\s*(.*)', pathlib.Path('/proc/cpuinfo').read_text(encoding='ascii', errors='replace'))
    name = model.group(1).strip() if model else platform.machine()
    return f"{os.cpu_count()} CPUs ({name}), Linux {platform.release().partition('-')[0]}"


def table_of(table):
    """For tbl(1)."""
    rows = ['\t'.join(cell or '\\&' for cell in row) for row in table]
    columns = len(table[0])
    return '\n'.join(['.TS', 'l' + ' r' * (columns - 2) + (' l' if columns > 1 else '') + '.', *rows, '.TE'])


def write(path, tables, versions):
    date = datetime.date.today().strftime('%B %-d, %Y')
    known = ',\n'.join(f'{make} {version}' for make, version in versions.items() if version) + '.'
    text = HEAD.format(date=date, machine=machine(), versions=known) + '.Sh RESULTS\n'
    for title, table in tables:
        text += f'.Ss {title}\n{table_of(table)}\n'
    path.write_text(text + TAIL, encoding='ascii')
