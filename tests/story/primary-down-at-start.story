# A secondary that never had the zone says so (SERVFAIL, "not ready") until its primary is there; then it serves at once.

use office
start ns2
start branch
after 5m
ask ns2 www.example.com A gives SERVFAIL ede 14
state ns2 example.com loading
ask branch www.example.com A gives SERVFAIL
start ns1
within 1s served ns1 example.com 1
ask ns2 www.example.com A gives 192.0.2.10
within 2s ask branch www.example.com A gives 192.0.2.10
