# A secondary that was killed serves what it last committed before any primary has answered, and asks for news at once.

use pair
start ns1
start ns2
within 1s serial ns2 example.com 1

crash ns2
crash ns1
start ns2
within 5ms serial ns2 example.com 1
ask ns2 www.example.com A gives 192.0.2.10 ttl 60
after 1m
ask ns2 www.example.com A gives 192.0.2.10 ttl 60
crash ns2

start ns1
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 200ms serial ns1 example.com 2
start ns2
within 5ms serial ns2 example.com 1
within 20ms serial ns2 example.com 2
ask ns2 www.example.com A gives 192.0.2.20
