# No primary answers: a cache may go on with what it has for as long as it lives. After that an old answer would be marked as stale,
# but of a zone that is followed none is given: it might have changed.

use office
config ns1
  | zones: [{ name: example.com, role: primary, file: example.com.zone }]
node plain 192.0.2.6
config plain
  | peers: [{ name: ns1, address: 192.0.2.1 }]
  | zones: [{ name: example.com, role: cache, primaries: [ns1], follow: no }]
start ns1
start branch
start plain
within 1s serial branch example.com 1
ask branch www.example.com A gives 192.0.2.10
ask plain www.example.com A gives 192.0.2.10
crash ns1
after 30s
ask branch www.example.com A gives 192.0.2.10 ttl<=30
ask plain www.example.com A gives 192.0.2.10 ttl<=30
after 40s
ask plain www.example.com A gives 192.0.2.10 ttl 30 ede 3
start ns1
within 10s ask plain www.example.com A gives 192.0.2.10 ttl<=60
