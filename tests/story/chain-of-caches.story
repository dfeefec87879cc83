# A cache behind a cache: the change is confirmed from the origin down, each cache tells the next, and no old answer comes back up.

use office
node desk 192.0.2.4
config branch
  | peers: [{ name: ns1, address: 192.0.2.1 }, { name: desk, address: 192.0.2.4, kind: cache }]
  | zones: [{ name: example.com, role: cache, primaries: [ns1], notify: [desk], allow: [192.0.2.4, 127.0.0.1] }]
config desk
  | peers: [{ name: branch, address: 192.0.2.3 }]
  | zones: [{ name: example.com, role: cache, primaries: [branch] }]
start ns1
start ns2
start branch
start desk
within 1s served branch example.com 1
after 1s
ask desk www.example.com A gives 192.0.2.10
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 50ms served branch example.com 2
ask desk www.example.com A gives 192.0.2.20
serial desk example.com 2
