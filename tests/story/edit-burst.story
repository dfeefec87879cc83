# Twenty saves within 100 ms are taken as a few changes, and the last one is what everybody ends up with.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.11
after 5ms
edit ns1 example.com.zone 192.0.2.11 => 192.0.2.12
after 5ms
edit ns1 example.com.zone 192.0.2.12 => 192.0.2.13
edit ns1 example.com.zone 192.0.2.13 => 192.0.2.14
edit ns1 example.com.zone 192.0.2.14 => 192.0.2.15
after 1ms
edit ns1 example.com.zone 192.0.2.15 => 192.0.2.16
after 1ms
edit ns1 example.com.zone 192.0.2.16 => 192.0.2.17
after 50ms
edit ns1 example.com.zone 192.0.2.17 => 192.0.2.18
edit ns1 example.com.zone 192.0.2.18 => 192.0.2.19
edit ns1 example.com.zone 192.0.2.19 => 192.0.2.20
within 200ms served ns1 example.com 3
ask ns1 www.example.com A gives 192.0.2.20
ask ns2 www.example.com A gives 192.0.2.20
ask branch www.example.com A gives 192.0.2.20
after 1s
serial ns1 example.com 3
