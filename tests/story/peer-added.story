# A secondary is added to the configuration of a running primary: it is told at once. One that is only told and not waited for
# ("watch: no") holds nothing up.

use office
node ns3 192.0.2.5
node ns4 192.0.2.6
config ns3
  | peers: [{ name: ns1, address: 192.0.2.1 }]
  | zones: [{ name: example.com, role: secondary, primaries: [ns1] }]
start ns1
start ns2
start branch
start ns3
within 1s served ns1 example.com 1
state ns3 example.com loading
config ns1
  | peers:
  |   - { name: ns2, address: 192.0.2.2 }
  |   - { name: branch, address: 192.0.2.3, kind: cache }
  |   - { name: ns3, address: 192.0.2.5 }
  |   - { name: ns4, address: 192.0.2.6, watch: no }
  | zones:
  |   - { name: example.com, role: primary, file: example.com.zone, notify: [ns2, branch, ns3, ns4], transfer: [ns2, ns3] }
within 50ms served ns1 example.com 1
ask ns3 www.example.com A gives 192.0.2.10
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 200ms served ns1 example.com 2
ask ns3 www.example.com A gives 192.0.2.20
