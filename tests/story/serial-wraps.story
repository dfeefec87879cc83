# Serials go round (RFC 1982): 4294967280 to 3 is forwards, and everybody sees it so.

use office
config ns1
  | peers:
  |   - { name: ns2, address: 192.0.2.2 }
  |   - { name: branch, address: 192.0.2.3, kind: cache }
  | zones:
  |   - { name: example.com, role: primary, file: example.com.zone, notify: [ns2, branch], transfer: [ns2], serial: keep }
edit ns1 example.com.zone hostmaster 1 => hostmaster 4294967280
start ns1
start ns2
start branch
within 1s served ns1 example.com 4294967280
after 1s
ask branch www.example.com A gives 192.0.2.10
save ns1 example.com.zone
  | $TTL 60
  | @   SOA ns1 hostmaster 3 6h 300 1w 60
  |     NS ns1
  | ns1 A 192.0.2.1
  | www A 192.0.2.20
within 50ms served ns1 example.com 3
serial ns2 example.com 3
ask ns2 www.example.com A gives 192.0.2.20
ask branch www.example.com A gives 192.0.2.20

# and with a restart of each in between
crash ns1
crash ns2
start ns2
within 5ms serial ns2 example.com 3
start ns1
within 1s served ns1 example.com 3

# back is back, though: refused
edit ns1 example.com.zone hostmaster 3 => hostmaster 4294967281
after 1s
serial ns1 example.com 3
