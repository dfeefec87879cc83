# A NOTIFY that got lost is sent again after a second, not after REFRESH.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s

link ns1 ns2 cut
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 50ms serial ns1 example.com 2
after 500ms
serial ns2 example.com 1
peer ns1 example.com ns2 notified
link ns1 ns2 heal
within 1s served ns1 example.com 2
