# A transfer that fails after a NOTIFY is tried again with back-off, from a second up to RETRY. It never waits for REFRESH (6 h here),
# and an attempt that hangs ends by itself.

use pair
start ns1
start ns2
within 1s serial ns2 example.com 1
link ns2 ns1 oneway no-tcp
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 200ms serial ns1 example.com 2
notify ns1 ns2 example.com 2
after 20s
serial ns2 example.com 1
log ns2 has zone example.com: transfer from 192.0.2.1 failed
link ns2 ns1 oneway heal
within 16s serial ns2 example.com 2
