# A new serial came, but the disk of the secondary is full until after EXPIRE. When there is room at last, what was fetched so long ago
# is not served: the primary may have said other things since. It is asked first.

use pair
save ns1 example.com.zone
  | $TTL 60
  | @   SOA ns1 hostmaster 1 10m 5m 2h 60
  |     NS ns1
  | ns1 A 192.0.2.1
  | www A 192.0.2.10
start ns1
start ns2
within 1s serial ns2 example.com 1
disk ns2 full
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 200ms serial ns1 example.com 2
notify ns1 ns2 example.com 2
after 1m
link ns1 ns2 cut
ask ns2 www.example.com A gives 192.0.2.10
log ns2 has serial 2 cannot be kept on disk
log ns2 has serial 1 is served on
after 121m
ask ns2 www.example.com A gives SERVFAIL ede 24
disk ns2 ok
never 10m ask ns2 www.example.com A gives 192.0.2.20
state ns2 example.com expired
link ns1 ns2 heal
within 5m ask ns2 www.example.com A gives 192.0.2.20
