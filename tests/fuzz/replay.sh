#!/bin/sh
# replay.sh - every fuzz target over its corpus: what once was found, or is odd enough to be kept.
# Run by make check in the build folder; FUZZ_PROGRAMS names the targets.
set -eu
ran=0
for program in ${FUZZ_PROGRAMS-}; do
    thing=${program##*/fuzz_}
    corpus=${srcdir:-.}/tests/fuzz/corpus/$thing
    set -- "$corpus"/*
    if [ ! -f "$1" ]; then
        echo "no corpus for $program: $corpus is empty" >&2
        exit 1
    fi
    "./$program" "$@" || { echo "$program failed on its corpus" >&2; exit 1; }
    ran=$((ran + 1))
done
echo "$ran fuzz targets replayed"
[ "$ran" -gt 0 ] || exit 77 # the harness reads it as "skipped"
