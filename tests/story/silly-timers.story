# EXPIRE is shorter than REFRESH. The zone file gets a warning for it; a secondary asks in time all the same, and does not expire while
# its primary is well.

use pair
save ns1 example.com.zone
  | $TTL 60
  | @   SOA ns1 hostmaster 1 6h 1h 10m 60
  |     NS ns1
  | ns1 A 192.0.2.1
  | www A 192.0.2.10
start ns1
start ns2
within 1s serial ns2 example.com 1
never 1d ask ns2 www.example.com A gives SERVFAIL
log ns2 lacks expired

# What did expire is asked for again at once, not on REFRESH.
crash ns1
after 11m
ask ns2 www.example.com A gives SERVFAIL ede 24
start ns1
within 1h ask ns2 www.example.com A gives 192.0.2.10
