# A peer that cannot be reached is called failing, and told again for as long as it takes: at least once a minute. REFRESH is 6 hours.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s

link ns1 ns2 oneway cut
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 50ms serial branch example.com 2
after 3h
serial ns2 example.com 1
peer ns1 example.com ns2 failing
log ns1 has peer ns2 failing: NOTIFY timeout at 192.0.2.2, 5 tries
link ns1 ns2 heal
within 62s served ns1 example.com 2
