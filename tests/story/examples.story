# The example zones: a company, a hosting company with a file of machines that it includes twice, and reverse zones. A primary loads
# all of them, a secondary takes all of them, an edit of the included file is seen.

node ns1 192.0.2.1
node ns2 192.0.2.2
copy ns1 example.com.zone
copy ns1 example.net.zone
copy ns1 hosts.inc
copy ns1 2.0.192.in-addr.arpa.zone
copy ns1 8.b.d.0.1.0.0.2.ip6.arpa.zone
config ns1
  | peers: [{ name: ns2, address: 192.0.2.2 }]
  | defaults: { notify: [ns2], transfer: [ns2] }
  | zones:
  |   - { name: example.com, role: primary, file: example.com.zone }
  |   - { name: example.net, role: primary, file: example.net.zone }
  |   - { name: 2.0.192.in-addr.arpa, role: primary, file: 2.0.192.in-addr.arpa.zone }
  |   - { name: 8.b.d.0.1.0.0.2.ip6.arpa, role: primary, file: 8.b.d.0.1.0.0.2.ip6.arpa.zone }
config ns2
  | peers: [{ name: ns1, address: 192.0.2.1 }]
  | defaults: { primaries: [ns1] }
  | zones:
  |   - { name: example.com, role: secondary }
  |   - { name: example.net, role: secondary }
  |   - { name: 2.0.192.in-addr.arpa, role: secondary }
  |   - { name: 8.b.d.0.1.0.0.2.ip6.arpa, role: secondary }
start ns1
start ns2
within 1s served ns1 example.com 2026112201
within 1s served ns1 example.net 7
ask ns2 www.example.com A gives 192.0.2.80 ttl 60
ask ns2 anybody.sites.example.com A gives 192.0.2.81
ask ns2 mail.cold.example.net A gives 198.51.100.25
ask ns2 25.2.0.192.in-addr.arpa PTR gives mail.example.com.
after 1s
edit ns1 hosts.inc 198.51.100.25 => 198.51.100.26
within 100ms served ns1 example.net 8
ask ns2 mail.example.net A gives 198.51.100.26
ask ns2 mail.cold.example.net A gives 198.51.100.26
