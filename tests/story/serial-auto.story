# "serial: auto": who forgets the serial gets the next one; who writes a newer one gets that; who writes an older one is not punished.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.11
within 200ms served ns1 example.com 2
edit ns1 example.com.zone hostmaster 1 => hostmaster 2026112501
within 200ms served ns1 example.com 2026112501
edit ns1 example.com.zone hostmaster 2026112501 => hostmaster 7
after 1s
edit ns1 example.com.zone 192.0.2.11 => 192.0.2.12
within 200ms ask ns2 www.example.com A gives 192.0.2.12
serial ns2 example.com 2026112502

# a restart remembers
crash ns1
start ns1
within 100ms served ns1 example.com 2026112502

# and nothing has changed when only comments have
edit ns1 example.com.zone www A => www  A
after 1s
serial ns1 example.com 2026112502
