# "There is no such name", "there is no such type": a cache that follows the zone forgets that too when the name appears.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s
ask branch shop.example.com A gives NXDOMAIN
ask branch www.example.com AAAA gives NODATA
ask branch a.b.shop.example.com A gives NXDOMAIN
edit ns1 example.com.zone www A 192.0.2.10 => shop A 192.0.2.11
within 50ms served ns1 example.com 2
ask branch shop.example.com A gives 192.0.2.11
ask branch www.example.com A gives NXDOMAIN
edit ns1 example.com.zone shop A 192.0.2.11 => www AAAA 2001:db8::10
within 200ms served ns1 example.com 3
ask branch shop.example.com A gives NXDOMAIN
ask branch www.example.com AAAA gives 2001:db8::10
