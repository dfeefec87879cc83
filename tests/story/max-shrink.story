# An edit that would leave less than half of a zone of more than 20 records is more often an accident than a wish: it waits for a word.

use pair
save ns1 example.com.zone
  | $TTL 60
  | @   SOA ns1 hostmaster 1 6h 300 1w 60
  |     NS ns1
  | ns1 A 192.0.2.1
  | $GENERATE 1-25 host$ A 192.0.2.$
start ns1
start ns2
within 1s serial ns2 example.com 1
edit ns1 example.com.zone 1-25 => 1-5
after 1s
serial ns1 example.com 1
state ns1 example.com held
ask ns1 host25.example.com A gives 192.0.2.25
log ns1 has to take it: settlectl reload example.com --force
reload ns1 example.com
after 1s
serial ns1 example.com 1
reload ns1 example.com force
within 200ms serial ns1 example.com 2
ask ns1 host25.example.com A gives NXDOMAIN
