# The TTL is lowered from a day to a minute, and ten minutes later the address changes. Caches that asked before the lowering keep the
# old address for a day: the edit has not settled before.

use office
edit ns1 example.com.zone www A 192.0.2.10 => www 1d A 192.0.2.10
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
edit ns1 example.com.zone www 1d A => www 60 A
within 200ms served ns1 example.com 2
after 10m
edit ns1 example.com.zone www 60 A 192.0.2.10 => www 60 A 192.0.2.20
within 200ms served ns1 example.com 3
after 23h
log ns1 lacks serial 3 settled
unsettled ns1 example.com 3
after 51m
settled ns1 example.com 3

# A change of another name does not wait for that day.
edit ns1 example.com.zone www 60 A 192.0.2.20 => www 1d A 192.0.2.20
within 200ms served ns1 example.com 4
after 2m
edit ns1 example.com.zone www 1d A => www 2d A
within 200ms served ns1 example.com 5
after 1m
edit ns1 example.com.zone ns2 A 192.0.2.2 => ns2 A 192.0.2.22
within 200ms served ns1 example.com 6
log ns1 lacks serial 6 settled
after 66s
log ns1 has zone example.com: serial 6 settled after
log ns1 lacks zone example.com: serial 5 settled after
