# The primary says that there is news and dies. The secondary keeps asking, from a second up to RETRY (5 min), not REFRESH (6 h).

use pair
start ns1
start ns2
within 1s serial ns2 example.com 1
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 200ms serial ns1 example.com 2
crash ns1
notify ns1 ns2 example.com 2
after 30s
start ns1
within 35s serial ns2 example.com 2
