# A cache was told of a change by the primary, but the first server in its list is a secondary that has not got it yet. The cache asks
# one that has, and never gives the old answer again.

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
ask branch ns2.example.com A gives 192.0.2.2

link ns1 ns2 cut
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 2s serial branch example.com 2
never 3m ask branch www.example.com A gives 192.0.2.10
ask branch www.example.com A gives 192.0.2.20
peer ns1 example.com ns2 failing
serial ns2 example.com 1

# The primary dies as well. What it said before is right and may be given on, marked as stale; what only the lagging one could say
# is not believed: no answer is better than a wrong one.
crash ns1
after 2m
ask branch www.example.com A gives 192.0.2.20 ttl 30 ede 3
ask branch ns2.example.com A gives SERVFAIL
