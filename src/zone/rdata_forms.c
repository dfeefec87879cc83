/* rdata_forms.c - which types have a text form of their own, and which file knows it.
 * ldns does the forms it does right. It is wrong, or too lenient, for the others: WKS asks the
 * system for service names, LOC takes any number and junk behind it, APL takes a prefix of 33 bits,
 * relative gateway names lose their origin, ATMA has no format octet, and NXT, A6, AMTRELAY and IPN
 * it does not know. */
#include "wire/rrtype.h"
#include "zone/rdata_text.h"
#include <arpa/inet.h>

const struct rdata_form *rdata_form(uint16_t type)
{
    switch (type) {
    case TYPE_LOC:
        return &loc_form;
    case TYPE_SVCB:
    case TYPE_HTTPS:
        return &svcb_form;
    case TYPE_IPSECKEY:
        return &ipseckey_form;
    case TYPE_AMTRELAY:
        return &amtrelay_form;
    case TYPE_A6:
        return &a6_form;
    case TYPE_WKS:
        return &wks_form;
    case TYPE_APL:
        return &apl_form;
    case TYPE_NXT:
        return &nxt_form;
    case TYPE_ATMA:
        return &atma_form;
    case TYPE_IPN:
        return &ipn_form;
    case TYPE_HIP:
        return &hip_form;
    case TYPE_NSAP:
    case TYPE_NID:
    case TYPE_L64:
    case TYPE_EUI48:
    case TYPE_EUI64:
        return &via_ldns_form;
    default:
        return NULL;
    }
}

void rdata_print_name(const uint8_t *name, struct buf *out)
{
    char text[NAME_TEXT];
    buf_print(out, "%s", name_print_dot(name, text));
}

void rdata_print_address(const uint8_t *address, size_t len, struct buf *out)
{
    char text[INET6_ADDRSTRLEN];
    must(inet_ntop(len == 4 ? AF_INET : AF_INET6, address, text, sizeof text) != NULL);
    buf_print(out, "%s", text);
}
