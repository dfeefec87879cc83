#!/bin/sh
# autogen.sh - makes ./configure from a fresh clone. Then: ./configure && make && make check
set -eu
cd "$(dirname "$0")"
missing=
for tool in autoconf:autoconf automake:automake pkg-config:pkg-config; do
    command -v "${tool%:*}" > /dev/null || missing="$missing ${tool#*:}"
done
if [ -n "$missing" ]; then
    echo "autogen.sh: not installed:$missing. On Debian: apt-get install$missing" >&2
    exit 1
fi
tools/files
mkdir -p build-aux
exec autoreconf --install --force --warnings=all,no-portability
