# Every packet arrives twice, and strangers repeat old news: a secondary takes each change once, and what is old news changes nothing.

use office
start ns1
start ns2
start branch
link ns1 ns2 repeat 100%
link ns1 branch repeat 100%
within 1s served ns1 example.com 1
after 1s
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 50ms served ns1 example.com 2
notify ns1 ns2 example.com 2
notify ns1 ns2 example.com 1
notify branch ns2 example.com 9
after 1s
serial ns2 example.com 2
edit ns1 example.com.zone 192.0.2.20 => 192.0.2.30
within 200ms served ns1 example.com 3
ask ns2 www.example.com A gives 192.0.2.30
ask branch www.example.com A gives 192.0.2.30
