# An edit saved at the primary is served by a secondary and a cache within milliseconds. It has settled when, in addition, no
# other cache in the world can hold the old answer: its TTL later, and the 5 s that an answer may be under way.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
ask ns2 www.example.com A gives 192.0.2.10 ttl 60
ask branch www.example.com A gives 192.0.2.10
after 20s
ask branch www.example.com A gives 192.0.2.10 ttl 39

edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 50ms served ns1 example.com 2
ask ns1 www.example.com A gives 192.0.2.20 ttl 60
ask ns2 www.example.com A gives 192.0.2.20 ttl 60
ask branch www.example.com A gives 192.0.2.20 ttl<=60
peer ns1 example.com ns2 serving
peer ns1 example.com branch serving
log ns1 has zone example.com: serial 1 -> 2 from file, 1 RRset
log ns1 has zone example.com: serial 2 served by 2/2 peers after

after 64s
unsettled ns1 example.com 2
after 2s
settled ns1 example.com 2
