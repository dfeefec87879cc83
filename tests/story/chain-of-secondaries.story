# A secondary behind a secondary: each tells the next, and the middle one knows when the last one serves.

use office
node ns3 192.0.2.5
config ns2
  | peers: [{ name: ns1, address: 192.0.2.1 }, { name: ns3, address: 192.0.2.5 }]
  | zones: [{ name: example.com, role: secondary, primaries: [ns1], notify: [ns3], transfer: [ns3] }]
config ns3
  | peers: [{ name: ns2, address: 192.0.2.2 }]
  | zones: [{ name: example.com, role: secondary, primaries: [ns2] }]
start ns1
start ns2
start ns3
within 1s served ns2 example.com 1
after 1s
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 50ms served ns2 example.com 2
ask ns3 www.example.com A gives 192.0.2.20
