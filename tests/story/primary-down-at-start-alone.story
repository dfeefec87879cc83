# The same without NOTIFY: the secondary's own checks find the primary within a minute, though there is no SOA yet that says how often.

use pair
start ns2
after 10m
start ns1
within 61s serial ns2 example.com 1
