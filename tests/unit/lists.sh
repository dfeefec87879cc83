#!/bin/sh
# lists.sh - the lists of files that the build, the unit tests and readers go by are up to date.
set -eu
exec "${srcdir:-.}/tools/files" --check
