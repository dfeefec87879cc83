# A cache whose primary is gone gives what it has on for 30 s at a time, marked as stale. A cache behind it passes that on with the
# mark, and does not keep it: an old answer gets no new life.

use office
node desk 192.0.2.4
config branch
  | peers: [{ name: ns1, address: 192.0.2.1 }]
  | zones: [{ name: example.com, role: cache, primaries: [ns1], follow: no, allow: [192.0.2.4, 127.0.0.1] }]
config desk
  | peers: [{ name: branch, address: 192.0.2.3 }]
  | zones: [{ name: example.com, role: cache, primaries: [branch], follow: no }]
config ns1
  | zones: [{ name: example.com, role: primary, file: example.com.zone }]
start ns1
start branch
start desk
ask branch www.example.com A gives 192.0.2.10
ask branch none.example.com A gives NXDOMAIN
crash ns1
after 2m
ask desk www.example.com A gives 192.0.2.10 ttl<=30 ede 3
ask desk none.example.com A gives NXDOMAIN ede 19
start ns1
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 100ms ask ns1 www.example.com A gives 192.0.2.20
after 5s
ask branch www.example.com A gives 192.0.2.20
ask desk www.example.com A gives 192.0.2.20
