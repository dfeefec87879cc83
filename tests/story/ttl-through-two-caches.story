# An answer gets old in every cache on its way: what a second cache gets has only the time that the first has left. 60 s after it
# left the primary nobody has it any more.

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
ask branch www.example.com A gives 192.0.2.10 ttl 59
after 25s
ask desk www.example.com A gives 192.0.2.10 ttl<=34
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
after 20s
ask desk www.example.com A gives 192.0.2.10 ttl<=14
after 10s
ask desk www.example.com A gives 192.0.2.10 ttl<=4
after 5s
ask desk www.example.com A gives 192.0.2.20
ask branch www.example.com A gives 192.0.2.20
