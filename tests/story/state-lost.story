# The primary's disk is lost, and its file says an older serial than was served before. Its secondary is "ahead" and keeps the newer
# zone; its cache believes it after REFRESH, when nobody says otherwise. The way out is a newer serial in the file.

use office
edit ns1 example.com.zone hostmaster 1 6h 300 => hostmaster 1 10m 60
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
after 1s
edit ns1 example.com.zone 192.0.2.10 => 192.0.2.20
within 1s served ns1 example.com 2
crash ns1
disk ns1 lost
edit ns1 example.com.zone 192.0.2.20 => 192.0.2.10
start ns1
within 1s peer ns1 example.com ns2 ahead
ask ns1 www.example.com A gives 192.0.2.10
ask ns2 www.example.com A gives 192.0.2.20
serial branch example.com 2
after 20m
within 5m serial branch example.com 1
ask branch www.example.com A gives 192.0.2.10
serial ns2 example.com 2
log branch has every primary has gone back to serial 1
edit ns1 example.com.zone hostmaster 1 10m => hostmaster 3 10m
within 1s served ns1 example.com 3
ask ns2 www.example.com A gives 192.0.2.10
