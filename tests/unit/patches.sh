#!/bin/sh
# patches.sh - each mistake of tests/mutants.d still fits the source that it is planted into (tests/mutants).
set -eu
cd "${srcdir:-.}"
failed=0
for patch in tests/mutants.d/*.patch; do
    patch --dry-run -s -p1 -F0 <"$patch" || { echo "$patch does not fit"; failed=1; }
done
exit $failed
