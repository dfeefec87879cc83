# A NOTIFY that comes while the secondary waits for the answer to an earlier check, which will say "nothing new", is not lost: the
# secondary checks once more as soon as that answer is there.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s

link ns1 ns2 delay 100ms
refresh ns2 example.com
after 50ms
link ns1 ns2 oneway delay 300ms
after 60ms
# The old answer has left and will arrive in 290 ms. The news overtakes it.
link ns1 ns2 oneway delay 10ms
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
after 100ms
serial ns2 example.com 1
within 650ms serial ns2 example.com 2
