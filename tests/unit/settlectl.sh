#!/bin/sh
# settlectl.sh - what settlectl(8) and settled(8) say without a daemon: usage, versions, checks, and
# exit codes that tell the truth. Run by make check in the build folder, where the programs are.
set -eu
tmp=$(mktemp -d "${TMPDIR:-/tmp}/settled-ctl.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
failed=0

# expect CODE TEXT PROGRAM ARGUMENT...: its exit code, and a text in what it prints on either stream.
expect() {
    code=$1 text=$2
    shift 2
    got=0
    "$@" > "$tmp/said" 2>&1 < /dev/null || got=$?
    if [ "$got" -ne "$code" ]; then
        echo "settlectl: $*: exit code $got, not $code: $(cat "$tmp/said")" >&2
        failed=1
    elif ! grep -qF -e "$text" "$tmp/said"; then
        echo "settlectl: $*: says not \"$text\" but: $(cat "$tmp/said")" >&2
        failed=1
    fi
}

cat > "$tmp/good.zone" << 'END'
@ 3600 SOA ns admin 7 3600 600 86400 300
@ 3600 NS ns
ns 3600 A 192.0.2.1
END
cat > "$tmp/bad.zone" << 'END'
@ 3600 SOA ns admin 7 3600 600 86400 300
@ 3600 NS ns
ns 3600 A 192.0.2.300
END
cat > "$tmp/good.conf" << END
server: { listen: [127.0.0.1@5399], state: $tmp/state, zones: $tmp }
control: { socket: $tmp/control.sock }
zones: [{ name: example, role: primary, file: good.zone }]
END
sed 's/good\.zone/bad.zone/' "$tmp/good.conf" > "$tmp/badzone.conf"
sed 's/zones: \[/zone: [/' "$tmp/good.conf" > "$tmp/bad.conf"

expect 0 'settlectl ' ./settlectl --version
expect 0 'usage: settlectl' ./settlectl --help
expect 0 'exit code: 0 done' ./settlectl -h
expect 2 'usage: settlectl' ./settlectl
expect 2 'usage: settlectl' ./settlectl --nonsense
expect 2 "there is no command 'dance' (settlectl --help" ./settlectl dance
expect 2 "there is no command 'statsu': did you mean 'status'?" ./settlectl statsu
expect 2 'usage: settlectl wait ZONE' ./settlectl -s "$tmp/none" wait
expect 2 'usage: settlectl status' ./settlectl -s "$tmp/none" status a b
expect 2 'is no time' ./settlectl -s "$tmp/none" wait example --timeout soon
expect 2 'usage: settlectl check-conf FILE' ./settlectl check-conf
expect 2 'usage: settlectl check-conf FILE' ./settlectl check-zone example

expect 4 "no daemon at $tmp/none" ./settlectl -s "$tmp/none" status
expect 4 '"exit": 4' ./settlectl --json -s "$tmp/none" status
expect 1 '"exit": 1' ./settlectl --json -c "$tmp/missing.conf" status
expect 4 "no daemon at $tmp/none" ./settlectl --json -s "$tmp/none" status
expect 4 "no daemon at $tmp/none" ./settlectl -s "$tmp/none" status --json
expect 4 "no daemon at $tmp/control.sock" ./settlectl -c "$tmp/good.conf" stop
expect 1 'does not tell where the daemon listens' ./settlectl -c "$tmp/bad.conf" status
expect 1 'cannot open' ./settlectl -c "$tmp/missing.conf" status

expect 0 '1 zone, 0 peers, 0 errors, 0 warnings' ./settlectl check-conf "$tmp/good.conf"
expect 1 'bad.conf:3:1: error: ' ./settlectl check-conf "$tmp/bad.conf"
expect 0 'zone example: serial 7, 3 records, 0 errors' ./settlectl check-zone example "$tmp/good.zone"
expect 1 'bad.zone:3:11: error: ' ./settlectl check-zone example "$tmp/bad.zone"
mkfifo "$tmp/pipe"
cat "$tmp/bad.zone" > "$tmp/pipe" &
expect 1 'pipe:3:11: error: ' ./settlectl check-zone example "$tmp/pipe"
expect 1 '/dev/stdin is not a regular file' ./settlectl check-conf -
expect 1 'bad.zone:3:11: error: ' ./settlectl --json check-zone example "$tmp/bad.zone"
expect 0 '"exit": 0' ./settlectl check-zone example "$tmp/good.zone" --json
expect 1 'missing.zone' ./settlectl check-zone example "$tmp/missing.zone"
expect 1 'is no domain name' ./settlectl check-zone a..b "$tmp/good.zone"

expect 0 'settled ' ./settled --version
expect 0 'usage: settled' ./settled --help
expect 2 'usage: settled' ./settled --nonsense
expect 2 "what is 'dance'?" ./settled dance
expect 0 'zone example: serial 7, 3 records, 0 errors' ./settled -c "$tmp/good.conf" --check
expect 1 'bad.zone:3:11: error: ' ./settled -c "$tmp/badzone.conf" --check
expect 1 'bad.conf:3:1: error: ' ./settled -c "$tmp/bad.conf" --check
expect 1 'bad.conf:3:1: error: ' ./settled -c "$tmp/bad.conf"
expect 1 '1 error' ./settled -c "$tmp/missing.conf"

[ "$failed" -eq 0 ]
echo "settlectl: every exit code was true"
