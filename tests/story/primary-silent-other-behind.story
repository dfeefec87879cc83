# A cache has two primaries. The one with the newest serial falls silent, the other lags behind. That is no reason to believe that the
# zone went back: what the change made wrong is not given again.

use office
config branch
  | peers: [{ name: ns1, address: 192.0.2.1 }, { name: ns2, address: 192.0.2.2 }]
  | zones: [{ name: example.com, role: cache, primaries: [ns1, ns2] }]
edit ns1 example.com.zone 6h => 5m
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s
link ns1 ns2 cut
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 1s serial branch example.com 2
crash ns1
after 1h
serial branch example.com 2
ask branch www.example.com A gives SERVFAIL
