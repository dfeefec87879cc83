# The time of expiry is kept on disk: killing and starting the secondary gives old data no second life, and wall clocks that are set
# while it runs move nothing.

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
after 100m
crash ns2
start ns2
within 5ms ask ns2 www.example.com A gives 192.0.2.10
after 22m
ask ns2 www.example.com A gives SERVFAIL ede 24
crash ns2
start ns2
after 5ms
ask ns2 www.example.com A gives SERVFAIL ede 24
link ns1 ns2 heal
within 5m ask ns2 www.example.com A gives 192.0.2.10

link ns1 ns2 cut
clock ns2 -3d
after 109m
ask ns2 www.example.com A gives 192.0.2.10
clock ns2 +9d
after 1m
ask ns2 www.example.com A gives 192.0.2.10
after 12m
ask ns2 www.example.com A gives SERVFAIL ede 24
