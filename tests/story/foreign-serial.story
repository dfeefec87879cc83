# A peer that answers a serial we never published follows somebody else as well, or we have lost our state. It is called "ahead", with
# both serials and the way out; a newer serial here is the way out.

use office
node other 192.0.2.9
config other
  | zones: [{ name: example.com, role: primary, file: example.com.zone, transfer: [192.0.2.2] }]
config ns2
  | peers: [{ name: ns1, address: 192.0.2.1 }, { name: other, address: 192.0.2.9 }]
  | zones: [{ name: example.com, role: secondary, primaries: [other, ns1] }]
save other example.com.zone
  | $TTL 60
  | @   SOA ns1 hostmaster 100 6h 300 1w 60
  |     NS ns1
  | ns1 A 192.0.2.1
  | www A 192.0.2.99
start other
start ns2
within 1s serial ns2 example.com 100
start ns1
start branch
within 1s peer ns1 example.com ns2 ahead
log ns1 lacks peer ns2 failing
crash other
edit ns1 example.com.zone hostmaster 1 => hostmaster 101
within 10s served ns1 example.com 101
ask ns2 www.example.com A gives 192.0.2.10
