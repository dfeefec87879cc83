# A zone of its own is added below what a cache has asked for so far: from then on the deepest zone owns the names, and what the cache
# above knew of them is forgotten. When it goes, the names belong to the cache again.

use office
node inside 192.0.2.7
config inside
  | peers: [{ name: ns1, address: 192.0.2.1 }]
  | zones: [{ name: example.com, role: cache, primaries: [ns1] }]
save inside lab.zone
  | $TTL 60
  | @   SOA ns1 hostmaster 1 6h 300 1w 60
  |     NS ns1
  | ns1 A 192.0.2.7
  | www A 192.0.2.77
start ns1
start inside
within 1s serial inside example.com 1
ask inside www.lab.example.com A gives NXDOMAIN
config inside
  | peers: [{ name: ns1, address: 192.0.2.1 }]
  | zones:
  |   - { name: example.com, role: cache, primaries: [ns1] }
  |   - { name: lab.example.com, role: primary, file: lab.zone }
within 50ms ask inside www.lab.example.com A gives 192.0.2.77
ask inside www.example.com A gives 192.0.2.10
config inside
  | peers: [{ name: ns1, address: 192.0.2.1 }]
  | zones: [{ name: example.com, role: cache, primaries: [ns1] }]
ask inside www.lab.example.com A gives NXDOMAIN
