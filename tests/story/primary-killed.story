# A primary is killed before its secondary heard of the last change. After the restart it serves the same serial, remembers who has
# not been seen at it, and tells them at once.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s
link ns1 ns2 cut
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 50ms serial branch example.com 2
serial ns1 example.com 2
after 2s
crash ns1
link ns1 ns2 heal
start ns1
within 2ms serial ns1 example.com 2
within 50ms served ns1 example.com 2
serial ns2 example.com 2
log ns1 has zone example.com: serial 2 served by 2/2 peers
after 66s
settled ns1 example.com 2
