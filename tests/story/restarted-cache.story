# A cache is killed and comes back while the only server it can reach has not got the last change yet. It remembers what it had
# confirmed, and does not believe the one that lags behind it.

use office
config branch
  | peers: [{ name: ns1, address: 192.0.2.1 }, { name: ns2, address: 192.0.2.2 }]
  | zones: [{ name: example.com, role: cache, primaries: [ns2, ns1] }]
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s
ask branch www.example.com A gives 192.0.2.10

link ns1 ns2 cut
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 2s serial branch example.com 2
ask branch www.example.com A gives 192.0.2.20
crash branch
crash ns1
start branch
never 3m ask branch www.example.com A gives 192.0.2.10
ask branch www.example.com A gives SERVFAIL
serial branch example.com none

# With the first word of the primary all is well.
start ns1
within 2m serial branch example.com 2
ask branch www.example.com A gives 192.0.2.20
