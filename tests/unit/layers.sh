#!/bin/sh
# layers.sh - the order of the rooms is true: no #include and no symbol looks up (STYLE.md 1, 9, 27).
# 1. A file includes only from its own room and from rooms before it in src/LAYERS.
# 2. No object uses a symbol that a later room defines.
# 3. The core (all but the doors that tests/unit/symbols names) has no writable data, and does not use
#    what that file denies.
# 4. A library is used only where that file says.
# 5. No two objects define the same name.
# Run by make check in the build folder, where the objects are. First it plants each kind of violation in
# a tree of its own and looks whether it sees it.
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
NM=${NM:-nm}
CC=${CC:-cc}

# check SRC OBJECTS: the tree of sources, and the folder where src/'s objects are. Prints violations.
check() {
    (
        cd "$1"
        find . \( -name '*.c' -o -name '*.h' -o -name '*.def' \) -print | sed 's|^\./||' | sort
    ) > "$tmp/sources"
    (
        cd "$1"
        grep -n '^ *# *include' $(cat "$tmp/sources") /dev/null || true
    ) > "$tmp/includes"
    sed -n 's/\.c$/.o/p' "$tmp/sources" | while read -r o; do
        if [ -f "$2/$o" ]; then echo "$o"; fi
    done > "$tmp/objects"
    (cd "$2" && xargs $NM --format=sysv /dev/null < "$tmp/objects" 2> /dev/null) > "$tmp/symbols" || true
    awk -f "$tmp/rules.awk" "$1/LAYERS" "$here/symbols" "$tmp/sources" "$tmp/includes" "$tmp/symbols"
}

rules() {
    cat << 'END'
function room(file) { return index(file, "/") ? substr(file, 1, index(file, "/") - 1) : "." }
function order(file) { return room(file) == "." ? rooms + 1 : place[room(file)] }
function within(file, where) { # where: a file, a room with "/" at its end, or a beginning with "*"
    if (where ~ /\*$/) return index(file, substr(where, 1, length(where) - 1)) == 1
    return file == where || (where ~ /\/$/ && index(file, where) == 1)
}
function is_door(file, i) {
    for (i = 1; i <= doors; i++) if (within(file, door[i])) return 1
    return 0
}
function say(text) { print "layers: " text; bad = 1 }
function plain(name) { # what a fortified or large-file variant stands for
    sub(/@.*/, "", name); sub(/^__/, "", name); sub(/_chk$/, "", name); sub(/^isoc99_/, "", name)
    sub(/_2$/, "", name); sub(/64$/, "", name)
    return name
}
function is_denied(name, i, p) {
    for (i = 1; i <= denials; i++) {
        p = deny[i]
        if (p == name) return 1
        if (p ~ /\*$/ && index(name, substr(p, 1, length(p) - 1)) == 1) return 1
        if (p ~ /^\*/ && length(name) >= length(p) - 1 &&
            substr(name, length(name) - length(p) + 2) == substr(p, 2)) return 1
    }
    return 0
}
function may_use(file, lib, i, n, list) {
    n = split(lib_places[lib], list, " ")
    for (i = 1; i <= n; i++) if (within(file, list[i])) return 1
    return 0
}

FNR == 1 { part++ }

part == 1 { if ($0 !~ /^#/ && NF) { place[$1] = ++rooms }; next }

part == 2 && $1 == "door" { door[++doors] = $2 }
part == 2 && $1 == "library" {
    lib_header[++libs] = $2; lib_prefix[libs] = $3
    for (i = 4; i <= NF; i++) lib_places[libs] = lib_places[libs] " " $i
}
part == 2 && $1 == "deny" { for (i = 2; i <= NF; i++) deny[++denials] = $i }
part == 2 && $1 == "allow" { for (i = 3; i <= NF; i++) allowed[$2, $i] = 1 }
part == 2 { next }

part == 3 {
    is_source[$0] = 1
    if (room($0) != "." && !(room($0) in place)) say($0 ": its room is not in LAYERS")
    next
}

part == 4 {
    split($0, at, ":")
    file = at[1]
    what = $0; sub(/^[^"<]*["<]/, "", what); sub(/[">].*/, "", what)
    if ($0 ~ /include *</) {
        for (i = 1; i <= libs; i++)
            if (index(what, lib_header[i]) == 1 && !may_use(file, i))
                say(file ":" at[2] ": includes <" what ">, which only" lib_places[i] " may")
        next
    }
    if (!index(what, "/") && room(file) != ".") what = room(file) "/" what
    if (!(what in is_source)) say(file ":" at[2] ": includes \"" what "\", which is not in src/")
    else if (order(what) > order(file)) say(file ":" at[2] ": looks up: includes " what)
    next
}

# What nm says: a line for the object, then name|value|class|type|size|line|section for each symbol.
/^(Symbols|Undefined symbols) from / {
    file = $0; sub(/^.* from /, "", file); sub(/\.o:$/, ".c", file)
    objects++
    next
}
split($0, column, "|") != 7 || $1 == "Name" { next }
{
    name = column[1]; class = column[3]; section = column[7]
    gsub(/ /, "", name); gsub(/ /, "", class); gsub(/ /, "", section)
}
class == "U" { used[++uses] = name; user[uses] = file; next }
# Names of the sanitizers are not ours.
{
    if (class ~ /^[TDRBCGVW]$/ && name !~ /^__/) {
        if (!(name in definer)) definer[name] = file
        else if (file !~ /^settle(d|ctl)\.c$/)
            say(file ": defines " name ", as " definer[name] " does; the linker would take either")
    }
    if (!is_door(file) && (section ~ /^\.(data|bss|tdata|tbss)/ || section ~ /COM/) &&
        section !~ /^\.data\.rel\.ro/ && name !~ /^\.|^__(asan|odr_asan|sancov|unnamed_|start_|stop_)/)
        say(file ": " name " is writable data (" section "); the core has none")
}

END {
    for (i = 1; i <= uses; i++) {
        name = used[i]; file = user[i]
        if (name in definer) {
            if (order(definer[name]) > order(file))
                say(file ": looks up: uses " name " of " definer[name])
            continue
        }
        for (lib = 1; lib <= libs; lib++)
            if (index(name, lib_prefix[lib]) == 1 && !may_use(file, lib))
                say(file ": uses " name ", which only" lib_places[lib] " may")
        if (!is_door(file) && (is_denied(name) || is_denied(plain(name))) &&
            !((file, plain(name)) in allowed) && !((file, name) in allowed))
            say(file ": uses " name ", which only a door may")
    }
    if (!objects) say("no objects found: run in the build folder")
    exit bad
}
END
}

# plant FILE TEXT EXPECTED: adds text to a file of the planted tree; check must say what is expected.
plant() {
    printf "$2" >> "$tmp/tree/$1"
    echo "$3" >> "$tmp/expected"
}

self_test() {
    mkdir -p "$tmp/tree/base" "$tmp/tree/wire" "$tmp/tree/server"
    cd "$tmp/tree"
    printf 'base\nwire\nserver\n' > LAYERS
    echo 'int low(void);' > base/low.h
    printf '#include "base/low.h"\nstatic const char *const t[] = {"a"};\n' > base/low.c
    printf 'int low(void) { return t[0][0]; }\n' >> base/low.c
    echo 'int high(void);' > wire/high.h
    printf '#include "high.h"\n#include "base/low.h"\nint high(void) { return low(); }\n' > wire/high.c
    printf '#include <time.h>\nint door(void);\nstatic long last;\n' > server/door.c
    printf 'int door(void) { last = time(0); return (int)last; }\n' >> server/door.c
    printf '#include "wire/high.h"\nint main(void) { return high(); }\n' > settled.c
    compile settled.c base/low.c wire/high.c server/door.c
    told=$(check "$tmp/tree" "$tmp/tree") || true
    [ -z "$told" ] || { echo "layers: self-test: a clean tree is not clean: $told" >&2; exit 2; }

    plant base/low.c '#include "wire/high.h"\n' 'base/low.c:4: looks up: includes wire/high.h'
    plant base/low.c 'int up(void) { return high(); }\n' 'base/low.c: looks up: uses high of wire/high.c'
    plant wire/high.c 'int n1(void) { static int n; return n++; }\n' 'is writable data (.bss)'
    plant wire/high.c 'int n2;\n' 'wire/high.c: n2 is writable data'
    plant wire/high.c 'int n3(void) { static int n = 1; return n++; }\n' 'is writable data (.data)'
    plant wire/high.c 'int *n4(void) { static _Thread_local int n; return &n; }\n' 'is writable data (.tbss)'
    plant wire/high.c '#include <time.h>\nlong now(void) { return time(0); }\n' 'wire/high.c: uses time, which'
    plant wire/high.c '#include <errno.h>\nint e(void) { return errno; }\n' 'uses __errno_location, which'
    plant wire/high.c 'int __open64_2(void);\nint o(void) { return __open64_2(); }\n' 'uses __open64_2, which'
    plant wire/high.c 'int low(void) { return 1; }\n' 'wire/high.c: defines low, as base/low.c does'
    plant wire/high.c 'int mdb_x(void);\nint m(void) { return mdb_x(); }\n' 'uses mdb_x, which only journal/'
    compile base/low.c wire/high.c
    plant wire/high.h '#include <uv.h>\n' 'wire/high.h:2: includes <uv.h>, which only server/'
    plant wire/high.h '#include "gone.h"\n' 'wire/high.h:3: includes "wire/gone.h", which is not in src/'
    mkdir attic
    plant attic/attic.h 'int attic(void);\n' 'attic/attic.h: its room is not in LAYERS'
    told=$(check "$tmp/tree" "$tmp/tree") || true
    while read -r expected; do
        case $told in
        *"$expected"*) ;;
        *) echo "layers: self-test: wanted to be told \"$expected\", was told: $told" >&2; exit 2 ;;
        esac
    done < "$tmp/expected"
}

compile() {
    for f in "$@"; do
        $CC -std=c11 -w -I. -fPIE -c "$f" -o "${f%.c}.o"
    done
}

tmp=$(mktemp -d "${TMPDIR:-/tmp}/settled-layers.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
rules > "$tmp/rules.awk"
(self_test)
echo "layers: self-test: every planted violation was seen"
top=${srcdir:-$here/../..}
check "$top/src" "${1:-src}"
echo "layers: the order of $(grep -vc '^#' "$top/src/LAYERS") rooms is true"
