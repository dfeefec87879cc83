# A file with mistakes changes nothing. The log says where they are; the next good file is taken.

use office
start ns1
start ns2
start branch
within 1s served ns1 example.com 1
edit ns1 example.com.zone www A 192.0.2.10 => www A 192.0.2.300
after 1s
serial ns1 example.com 1
ask ns1 www.example.com A gives 192.0.2.10
log ns1 has example.com.zone:7:7: error:
log ns1 has zone example.com: the file has errors: serial 1 is served on
edit ns1 example.com.zone www A 192.0.2.300 => www A 192.0.2.30
within 200ms served ns1 example.com 2
ask ns2 www.example.com A gives 192.0.2.30

save ns1 example.com.zone
  | $TTL 60
  | www A 192.0.2.10
after 1s
serial ns1 example.com 2
log ns1 has has no SOA
