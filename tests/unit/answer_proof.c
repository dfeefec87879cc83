/* answer_proof.c - tests of what proves an answer of a signed zone (RFC 4035 3.1.3, 5155 7.2). The
 * signatures say nothing: whether validators believe such answers, tests/interop finds out. */
#include "answer_fixture.h"
#include "cases.h"

#define SIG(owner, type)                                                                           \
    owner " 60 RRSIG " type " 8 2 60 20300101000000 20200101000000 1 example. AAAA\n"
#define DS "DS 1 8 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"

/* clang-format off */
static const char nsec_zone[] =
    "@ 60 SOA ns.example. admin.example. 7 3600 600 86400 60\n" SIG("@", "SOA")
    "@ 60 NS ns\n" SIG("@", "NS")
    "@ 60 NSEC alias NS SOA RRSIG NSEC\n" SIG("@", "NSEC")
    "alias 60 CNAME q.walias\n" SIG("alias", "CNAME")
    "alias 60 NSEC b CNAME RRSIG NSEC\n" SIG("alias", "NSEC")
    "b 60 NS ns.b\n"
    "b 60 NSEC c NS RRSIG NSEC\n" SIG("b", "NSEC")
    "ns.b 60 A 192.0.2.1\n"
    "c 60 NS ns.elsewhere.\n"
    "c 60 " DS "\n" SIG("c", "DS")
    "c 60 NSEC d NS DS RRSIG NSEC\n" SIG("c", "NSEC")
    "d 60 DNAME w\n" SIG("d", "DNAME")
    "d 60 NSEC f DNAME RRSIG NSEC\n" SIG("d", "NSEC")
    "hidden.d 60 A 192.0.2.2\n"
    "f 60 A 192.0.2.3\n" SIG("f", "A")
    "f 60 NSEC y.x.ent.g A RRSIG NSEC\n" SIG("f", "NSEC")
    "y.x.ent.g 60 A 192.0.2.4\n" SIG("y.x.ent.g", "A")
    "y.x.ent.g 60 NSEC ns A RRSIG NSEC\n" SIG("y.x.ent.g", "NSEC")
    "ns 60 A 192.0.2.5\n" SIG("ns", "A")
    "ns 60 NSEC *.w A RRSIG NSEC\n" SIG("ns", "NSEC")
    "*.w 60 A 192.0.2.6\n" SIG("*.w", "A")
    "*.w 60 NSEC there.w A RRSIG NSEC\n" SIG("*.w", "NSEC")
    "there.w 60 TXT \"x\"\n" SIG("there.w", "TXT")
    "there.w 60 NSEC *.walias TXT RRSIG NSEC\n" SIG("there.w", "NSEC")
    "*.walias 60 CNAME gone\n" SIG("*.walias", "CNAME")
    "*.walias 60 NSEC a.*.ws CNAME RRSIG NSEC\n" SIG("*.walias", "NSEC")
    "a.*.ws 60 TXT \"x\"\n" SIG("a.*.ws", "TXT")
    "a.*.ws 60 NSEC zz TXT RRSIG NSEC\n" SIG("a.*.ws", "NSEC")
    "zz 60 A 192.0.2.7\n" SIG("zz", "A")
    "zz 60 NSEC @ A RRSIG NSEC\n" SIG("zz", "NSEC");
/* clang-format on */

#define NSEC3(owner, rest) owner " 60 NSEC3 1 1 " SALTED rest "\n" SIG(owner, "NSEC3")

static struct bench *a_bench(const char *zone)
{
    struct bench *b = bench_new();
    bench_zone(b, "example", zone);
    bench_ready(b);
    return b;
}

/* The example of RFC 5155, appendix A. One of its names has the form of a hash, and is one. */
#define SALTED "12 aabbccdd "
/* clang-format off */
static const char nsec3_zone[] =
    "@ 60 SOA ns1 bugs.x.w 1 3600 300 3600000 60\n" SIG("@", "SOA")
    "@ 60 NS ns1\n"
    "@ 60 NS ns2\n" SIG("@", "NS")
    "@ 60 MX 1 xx\n" SIG("@", "MX")
    "@ 60 NSEC3PARAM 1 0 " SALTED "\n" SIG("@", "NSEC3PARAM")
    NSEC3("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX")
    NSEC3("2t7b4g4vsa5smi47k61mv5bv1a22bojr", "2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG")
    "2t7b4g4vsa5smi47k61mv5bv1a22bojr 60 A 192.0.2.127\n"
    SIG("2t7b4g4vsa5smi47k61mv5bv1a22bojr", "A")
    NSEC3("2vptu5timamqttgl4luu9kg21e0aor3s", "35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG")
    NSEC3("35mthgpgcu1qg68fab165klnsnk3dpvl", "b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG")
    "a 60 NS ns1.a\n"
    "a 60 NS ns2.a\n"
    "a 60 " DS "\n" SIG("a", "DS")
    "ns1.a 60 A 192.0.2.5\n"
    "ns2.a 60 A 192.0.2.6\n"
    "ai 60 A 192.0.2.9\n" SIG("ai", "A")
    NSEC3("b4um86eghhds6nea196smvmlo4ors995", "gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG")
    "c 60 NS ns1.c\n"
    "c 60 NS ns2.c\n"
    "ns1.c 60 A 192.0.2.7\n"
    "ns2.c 60 A 192.0.2.8\n"
    NSEC3("gjeqe526plbf1g8mklp59enfd789njgi", "ji6neoaepv8b5o6k4ev33abha8ht9fgc A RRSIG")
    NSEC3("ji6neoaepv8b5o6k4ev33abha8ht9fgc", "k8udemvp1j2f7eg6jebps17vp3n8i58h")
    NSEC3("k8udemvp1j2f7eg6jebps17vp3n8i58h", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi")
    NSEC3("kohar7mbb8dc2ce8a9qvl8hon4k53uhi", "q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG")
    "ns1 60 A 192.0.2.1\n" SIG("ns1", "A")
    "ns2 60 A 192.0.2.2\n" SIG("ns2", "A")
    NSEC3("q04jkcevqvmu85r014c7dkba38o0ji5r", "r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG")
    NSEC3("r53bq7cc2uvmubfu5ocmm6pers9tk9en", "t644ebqk9bibcna874givr6joj62mlhv MX RRSIG")
    NSEC3("t644ebqk9bibcna874givr6joj62mlhv", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A RRSIG")
    "*.w 60 MX 1 ai\n" SIG("*.w", "MX")
    "x.w 60 MX 1 xx\n" SIG("x.w", "MX")
    "x.y.w 60 MX 1 xx\n" SIG("x.y.w", "MX")
    "xx 60 A 192.0.2.10\n" SIG("xx", "A");
/* clang-format on */

/* The first line, then "owner>next" of each denying record, of NSEC3 the first digits alone;
 * each must be signed. */
static const char *proof_in(const char *answer, char out[1000])
{
    size_t len = strcspn(answer, "\n");
    char owner[256], type[32], rest[256], last[256] = "";
    snprintf(out, 1000, "%.*s", (int)len, answer);
    for (const char *at = answer + len; *at != '\0'; at += strcspn(at, "\n")) {
        at++;
        if (sscanf(at, "au %255s %*s IN %31s %255[^\n]", owner, type, rest) != 3) {
            continue;
        }
        if (last[0] != '\0') {
            ck_assert_msg(strcmp(type, "RRSIG") == 0 && strcmp(owner, last) == 0,
                          "not signed: %s\n%s", last, answer);
            ck_assert_int_eq(strncmp(rest, "NSEC", 4), 0);
            last[0] = '\0';
        } else if (strcmp(type, "NSEC3") == 0) {
            snprintf(last, sizeof last, "%s", owner);
            len = strlen(out);
            snprintf(out + len, 1000 - len, ", %.4s", owner);
        } else if (strcmp(type, "NSEC") == 0) {
            snprintf(last, sizeof last, "%s", owner);
            rest[strcspn(rest, " ")] = '\0';
            len = strlen(out);
            snprintf(out + len, 1000 - len, ", %s>%s", owner, rest);
        }
    }
    ck_assert_msg(last[0] == '\0', "not signed: %s\n%s", last, answer);
    return out;
}

#define PROVEN(b, name, type, want)                                                                \
    do {                                                                                           \
        char proof[1000];                                                                          \
        ck_assert_str_eq(proof_in(ASK(b, name, type, .dnssec_ok = true), proof), want);            \
        ASK(b, name, type);                                                                        \
        ck_assert_msg(strstr((b)->text, " NSEC ") == NULL && strstr((b)->text, "RRSIG") == NULL,   \
                      "%s", (b)->text);                                                            \
    } while (0)

START_TEST(no_such_name)
{
    struct bench *b = a_bench(nsec_zone);
    PROVEN(b, "bb.example", "A", "NXDOMAIN aa, b.example.>c.example., example.>alias.example.");
    PROVEN(b, "e.example", "A", "NXDOMAIN aa, d.example.>f.example., example.>alias.example.");
    PROVEN(b, "x.f.example", "A", "NXDOMAIN aa, f.example.>y.x.ent.g.example.");
    PROVEN(b, "zzz.example", "A", "NXDOMAIN aa, zz.example.>example., example.>alias.example.");
    PROVEN(b, "q.ent.g.example", "A", "NXDOMAIN aa, f.example.>y.x.ent.g.example.");
    PROVEN(b, "z.ent.g.example", "A",
           "NXDOMAIN aa, y.x.ent.g.example.>ns.example., f.example.>y.x.ent.g.example.");
    PROVEN(b, "AA.eXample", "A", "NXDOMAIN aa, example.>alias.example.");
    bench_free(b);
}
END_TEST

START_TEST(no_such_type)
{
    struct bench *b = a_bench(nsec_zone);
    PROVEN(b, "f.example", "TXT", "NOERROR aa, f.example.>y.x.ent.g.example.");
    PROVEN(b, "example", "A", "NOERROR aa, example.>alias.example.");
    PROVEN(b, "example", "DS", "NOERROR aa, example.>alias.example.");
    PROVEN(b, "d.example", "A", "NOERROR aa, d.example.>f.example.");
    PROVEN(b, "g.example", "A", "NOERROR aa, f.example.>y.x.ent.g.example.");
    PROVEN(b, "ent.g.example", "ANY", "NOERROR aa, f.example.>y.x.ent.g.example.");
    bench_free(b);
}
END_TEST

START_TEST(wildcards)
{
    struct bench *b = a_bench(nsec_zone);
    PROVEN(b, "a.w.example", "A", "NOERROR aa, *.w.example.>there.w.example.");
    PROVEN(b, "z.w.example", "A", "NOERROR aa, there.w.example.>*.walias.example.");
    PROVEN(b, "z.w.example", "ANY", "NOERROR aa, there.w.example.>*.walias.example.");
    PROVEN(b, "*.w.example", "A", "NOERROR aa"); /* itself */
    PROVEN(b, "z.w.example", "MX",
           "NOERROR aa, there.w.example.>*.walias.example., *.w.example.>there.w.example.");
    PROVEN(b, "a.w.example", "MX", "NOERROR aa, *.w.example.>there.w.example.");
    PROVEN(b, "q.ws.example", "A",
           "NOERROR aa, a.*.ws.example.>zz.example., *.walias.example.>a.*.ws.example.");
    bench_free(b);
}
END_TEST

START_TEST(chains)
{
    struct bench *b = a_bench(nsec_zone);
    PROVEN(b, "alias.example", "A",
           "NXDOMAIN aa, *.walias.example.>a.*.ws.example., y.x.ent.g.example.>ns.example., "
           "example.>alias.example.");
    /* each record once */
    PROVEN(b, "qq.walias.example", "A",
           "NXDOMAIN aa, *.walias.example.>a.*.ws.example., y.x.ent.g.example.>ns.example., "
           "example.>alias.example.");
    PROVEN(b, "a.d.example", "A", "NOERROR aa, *.w.example.>there.w.example.");
    PROVEN(b, "hidden.d.example", "A", "NOERROR aa, *.w.example.>there.w.example.");
    ASK(b, "a.d.example", "A", .dnssec_ok = true);
    ck_assert_ptr_nonnull(strstr(b->text, "an d.example. 60 IN RRSIG DNAME "));
    ck_assert_ptr_null(strstr(b->text, "RRSIG CNAME"));
    bench_free(b);
}
END_TEST

START_TEST(delegations)
{
    struct bench *b = a_bench(nsec_zone);
    PROVEN(b, "x.b.example", "A", "NOERROR, b.example.>c.example.");
    PROVEN(b, "b.example", "NS", "NOERROR, b.example.>c.example.");
    PROVEN(b, "x.c.example", "A", "NOERROR");
    PROVEN(b, "b.example", "DS", "NOERROR aa, b.example.>c.example.");
    PROVEN(b, "c.example", "DS", "NOERROR aa");
    ASK(b, "x.c.example", "A", .dnssec_ok = true);
    ck_assert_ptr_nonnull(strstr(b->text, "au c.example. 60 IN RRSIG DS "));
    ASK(b, "x.b.example", "A", .dnssec_ok = true);
    ck_assert_ptr_nonnull(strstr(b->text, "ad ns.b.example. 60 IN A 192.0.2.1\ndo\n"));
    bench_free(b);
}
END_TEST

/* RFC 5155, appendix B. */
START_TEST(hashed)
{
    struct bench *b = a_bench(nsec3_zone);
    PROVEN(b, "a.c.x.w.example", "A", "NXDOMAIN aa, b4um, 0p9m, 35mt");
    PROVEN(b, "ns1.example", "MX", "NOERROR aa, 2t7b");
    PROVEN(b, "y.w.example", "A", "NOERROR aa, ji6n");
    PROVEN(b, "mc.c.example", "MX", "NOERROR, 0p9m, 35mt");
    PROVEN(b, "a.z.w.example", "MX", "NOERROR aa, q04j");
    PROVEN(b, "a.z.w.example", "AAAA", "NOERROR aa, k8ud, q04j, r53b");
    PROVEN(b, "example", "DS", "NOERROR aa, 0p9m");
    /* more of the kind */
    PROVEN(b, "c.example", "DS", "NOERROR aa, 0p9m, 35mt");
    PROVEN(b, "x.a.example", "A", "NOERROR");
    PROVEN(b, "a.example", "DS", "NOERROR aa");
    PROVEN(b, "w.example", "ANY", "NOERROR aa, k8ud");
    PROVEN(b, "nx.example", "A", "NXDOMAIN aa, 0p9m, gjeq");
    bench_free(b);
}
END_TEST

/* RFC 5155 7.2.8: the owner of an NSEC3 is not a name, unless it is. */
START_TEST(names_like_hashes)
{
    struct bench *b = a_bench(nsec3_zone);
    ASK(b, "kohar7mbb8dc2ce8a9qvl8hon4k53uhi.example", "NSEC3", .dnssec_ok = true);
    ck_assert_int_eq(strncmp(b->text, "NXDOMAIN aa\n", 12), 0);
    ASK(b, "x.kohar7mbb8dc2ce8a9qvl8hon4k53uhi.example", "A", .dnssec_ok = true);
    ck_assert_int_eq(strncmp(b->text, "NXDOMAIN aa\n", 12), 0);
    PROVEN(b, "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "A", "NOERROR aa");
    PROVEN(b, "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "TXT", "NOERROR aa, koha");
    PROVEN(b, "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "NSEC3", "NOERROR aa, koha");
    ASK(b, "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "RRSIG", .dnssec_ok = true);
    ck_assert_ptr_nonnull(strstr(b->text, " RRSIG A "));
    ck_assert_ptr_null(strstr(b->text, "RRSIG NSEC3"));
    ASK(b, "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "ANY", .dnssec_ok = true);
    ck_assert_ptr_nonnull(strstr(b->text, " 192.0.2.127\n"));
    bench_free(b);
}
END_TEST

/* A name that is there, but only because of an unsigned delegation below it, has no NSEC3 under
 * opt-out. */
START_TEST(opted_out_and_empty)
{
    /* clang-format off */
static const char more[] =
    "d.e.f 60 NS ns1\n";
/* clang-format on */
    char zone[sizeof nsec3_zone + sizeof more];
    snprintf(zone, sizeof zone, "%s%s", nsec3_zone, more);
    struct bench *b = a_bench(zone);
    struct {
        const char *name, *type, *want;
    } rows[] = {{"f.example", "A", "NOERROR aa"},
                {"e.f.example", "A", "NOERROR aa"},
                {"d.e.f.example", "A", "NOERROR"},
                {"d.e.f.example", "DS", "NOERROR aa"},
                {"x.e.f.example", "A", "NXDOMAIN aa"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char proof[1000];
        proof_in(ASK(b, rows[i].name, rows[i].type, .dnssec_ok = true), proof);
        size_t len = strlen(rows[i].want);
        ck_assert_msg(strncmp(proof, rows[i].want, len) == 0, "%s", proof);
        /* the apex matches; what covers f.example is the same for all */
        ck_assert_msg(strncmp(proof + len, ", 0p9m, t644", 12) == 0, "%s: %s", rows[i].name, proof);
    }
    bench_free(b);
}
END_TEST

/* Answered all the same, without what is not there. */
START_TEST(a_broken_chain)
{
    struct bench *b =
        a_bench("@ 60 SOA ns.example. admin.example. 7 3600 600 86400 60\n"
                "@ 60 NSEC a NS SOA RRSIG NSEC\n" SIG("@", "NSEC") "a 60 A 192.0.2.1\n"
                                                                   "b 60 NS ns.b\n"
                                                                   "ns.b 60 A 192.0.2.1\n");
    PROVEN(b, "aa.example", "A", "NXDOMAIN aa, example.>a.example.");
    PROVEN(b, "c.example", "A", "NXDOMAIN aa, example.>a.example.");
    PROVEN(b, "a.example", "TXT", "NOERROR aa");
    PROVEN(b, "b.example", "A", "NOERROR");
    bench_free(b);
}
END_TEST

/* A proof has to be there: without room for it the answer is truncated. */
START_TEST(no_room)
{
#define L60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
    struct bench *b = a_bench("@ 60 SOA ns.example. admin.example. 7 3600 600 86400 60\n"
                              "@ 60 NSEC " L60 "." L60 "." L60 " NS\n" SIG("@", "NSEC") L60
                              "." L60 "." L60 " 60 NSEC @ NS\n" SIG(L60 "." L60 "." L60, "NSEC"));
    char proof[1000];
    ASK(b, "b." L60 ".example", "A", .dnssec_ok = true);
    ck_assert_str_eq(proof_in(b->text, proof),
                     "NXDOMAIN aa, " L60 "." L60 "." L60 ".example.>example., "
                     "example.>" L60 "." L60 "." L60 ".example.");
    ASK(b, "b." L60 ".example", "A", .dnssec_ok = true, .payload = 512);
    ck_assert_int_eq(strncmp(b->text, "NXDOMAIN aa tc\n", 15), 0);
    bench_free(b);
}
END_TEST

TCase *case_answer_proof(void)
{
    TCase *c = tcase_create("answer_proof");
    tcase_add_test(c, no_such_name);
    tcase_add_test(c, no_such_type);
    tcase_add_test(c, wildcards);
    tcase_add_test(c, chains);
    tcase_add_test(c, delegations);
    tcase_add_test(c, hashed);
    tcase_add_test(c, names_like_hashes);
    tcase_add_test(c, opted_out_and_empty);
    tcase_add_test(c, a_broken_chain);
    tcase_add_test(c, no_room);
    return c;
}
