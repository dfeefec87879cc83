# What is not on disk is not served: a full disk is an alarm, the old serial is served on, and the edit is taken when there is room.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
disk ns1 full
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
never 30s ask ns1 www.example.com A gives 192.0.2.20
log ns1 has serial 2 cannot be kept on disk
edit ns1 example.com.zone 192.0.2.20 => 192.0.2.30
after 10s
serial ns1 example.com 1
crash ns1
start ns1
after 1s
ask ns1 www.example.com A gives SERVFAIL
disk ns1 ok
within 61s served ns1 example.com 2
ask ns2 www.example.com A gives 192.0.2.30

# the same at a secondary
disk ns2 full
edit ns1 example.com.zone 192.0.2.30 => 192.0.2.40
within 1s serial ns1 example.com 3
after 10s
ask ns2 www.example.com A gives 192.0.2.30
disk ns2 ok
within 61s served ns1 example.com 3
