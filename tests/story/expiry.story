# A secondary that has not reached any primary for EXPIRE is no authority any more: SERVFAIL, "invalid data", not old answers. When a
# primary returns it recovers by itself, within RETRY.

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

link ns1 ns2 cut
after 109m
ask ns2 www.example.com A gives 192.0.2.10
after 13m
ask ns2 www.example.com A gives SERVFAIL ede 24
state ns2 example.com expired
log ns2 has zone example.com: serial 1 expired
after 1d
ask ns2 www.example.com A gives SERVFAIL ede 24

link ns1 ns2 heal
within 5m ask ns2 www.example.com A gives 192.0.2.10
