# The wall clock of the primary is set, by a day each way, while an edit settles: nothing settles sooner or later for it.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 50ms served ns1 example.com 2
clock ns1 +1d
after 30s
unsettled ns1 example.com 2
clock ns1 -2d
after 34s
unsettled ns1 example.com 2
after 2s
settled ns1 example.com 2
log ns1 lacks after -
