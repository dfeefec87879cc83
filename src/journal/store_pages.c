/* store_pages.c - is this LMDB data file sound? Asked before it is mapped, because LMDB trusts what
 * it maps.
 *
 * LMDB 0.9 follows page numbers, offsets and lengths as it finds them; a flipped bit in one of them
 * ends in SIGSEGV, SIGBUS or abort(), at every start again. So each page that can be reached is
 * read once with pread (a bad sector is then an error, not a signal) and everything LMDB would
 * follow is checked: the two meta pages, both trees (free list and data), order of keys, packing of
 * nodes, counts, and that no page is used twice or both used and free. On disk thread or before
 * threads start.
 *
 * The layout is that of data version 1 on 64-bit machines, in host order; elsewhere the check
 * passes and LMDB is on its own. */
#include "journal/store_pages.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATA_MAGIC   UINT32_C(0xBEEFC0DE)
#define DATA_VERSION 1
#define NO_PAGE      UINT64_MAX
#define DEPTH_MOST   32  /* LMDB's cursor stack */
#define KEY_MOST     511 /* LMDB's longest key */
#define PAGE_HEADER  16
#define NODE_HEADER  8
#define NODE_BIG     1                   /* the value lies on overflow pages */
#define SLACK_BYTES  (UINT64_C(4) << 30) /* freed pages at the end need not be in the file */

enum page_flag {
    PAGE_BRANCH = 1,
    PAGE_LEAF = 2,
    PAGE_OVERFLOW = 4,
    PAGE_META = 8,
    PAGE_KINDS = 0x6f
};
enum tree_no { TREE_FREE, TREE_DATA, TREES };

struct tree { /* struct MDB_db */
    uint32_t pad;
    uint16_t flags, depth;
    uint64_t branches, leaves, overflows, entries, root;
};
struct meta { /* struct MDB_meta */
    uint32_t magic, version;
    uint64_t address, map_size;
    struct tree trees[TREES];
    uint64_t last_page, transaction;
};
struct page_head {
    uint64_t number;
    uint16_t pad, flags, lower, upper;
};
struct checking {
    int fd;
    uint64_t file_size;
    size_t page_size;
    struct meta meta;
    uint8_t *used;     /* a bit for each page */
    uint8_t *pages;    /* one buffer for each level, and one for what lies on overflow pages */
    enum tree_no tree; /* being walked, with what was counted in it */
    struct tree seen;
    uint8_t last_key[KEY_MOST];
    size_t last_len;
    bool has_last;
    const char *wrong; /* the first thing found */
};
struct node {
    uint64_t child; /* branch: page, leaf: length of the value */
    uint16_t flags, klen;
    const uint8_t *key, *data;
    size_t size; /* octets in the page, padded */
};

static enum pages_state check_file(struct checking *c);
static bool check_metas(struct checking *c);
static bool read_meta(struct checking *c, unsigned which, size_t page_size, struct meta *out);
static bool check_bounds(struct checking *c);
static bool check_tree(struct checking *c, enum tree_no tree);
static bool check_page(struct checking *c, uint64_t number, unsigned level);
static bool read_page(struct checking *c, uint64_t number, uint8_t *out);
static bool take_pages(struct checking *c, uint64_t first, uint64_t count);
static bool check_head(struct checking *c, const struct page_head *h, unsigned level);
static bool read_node(struct checking *c, const uint8_t *page, unsigned index, struct node *out);
static bool check_order(struct checking *c, const struct node *n);
static bool check_leaf_node(struct checking *c, const struct node *n);
static bool check_long_value(struct checking *c, const struct node *n);
static bool check_long_free_list(struct checking *c, uint64_t first, uint64_t len);
static bool check_free_list(struct checking *c, const uint8_t *list, uint64_t len);
static bool wrong(struct checking *c, const char *what);

enum pages_state pages_check(const char *path, struct oops *o)
{
    struct checking c = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (c.fd < 0 && errno == ENOENT) {
        return PAGES_SOUND;
    }
    struct stat there;
    if (c.fd < 0 || fstat(c.fd, &there) != 0) {
        oops(o, "%s: %s", path, strerror(errno));
        if (c.fd >= 0) {
            close(c.fd);
        }
        return PAGES_UNREAD;
    }
    c.file_size = (uint64_t)there.st_size;
    enum pages_state state = sizeof(size_t) != 8 ? PAGES_SOUND : check_file(&c);
    if (state != PAGES_SOUND) {
        oops(o, "%s: %s", path, c.wrong);
    }
    free(c.used);
    free(c.pages);
    close(c.fd);
    return state;
}

static enum pages_state check_file(struct checking *c)
{
    if (c->file_size == 0) {
        return PAGES_SOUND; /* LMDB starts a new one */
    }
    if (!check_metas(c) || !check_bounds(c)) {
        return PAGES_DAMAGED;
    }
    c->used = calloc(1, c->meta.last_page / 8 + 1);
    c->pages = malloc(c->page_size * (DEPTH_MOST + 1));
    if (c->used == NULL || c->pages == NULL) {
        wrong(c, "out of memory");
        return PAGES_UNREAD;
    }
    bool sound = check_tree(c, TREE_DATA) && check_tree(c, TREE_FREE);
    return sound ? PAGES_SOUND : PAGES_DAMAGED;
}

/* Two meta pages, written in turn: transaction n stands on page n & 1, and the larger one counts.
 */
static bool check_metas(struct checking *c)
{
    struct meta first, second;
    if (!read_meta(c, 0, 0, &first)) {
        return false;
    }
    c->page_size = first.trees[TREE_FREE].pad; /* LMDB keeps the page size there */
    if (c->page_size < 512 || c->page_size > 32768 || (c->page_size & (c->page_size - 1)) != 0) {
        return wrong(c, "no sensible page size");
    }
    if (!read_meta(c, 1, c->page_size, &second)) {
        return false;
    }
    uint64_t a = first.transaction, b = second.transaction;
    bool fresh = a == 0 && b == 0;
    if (!fresh && ((a & 1) != 0 || (b & 1) != 1 || (a != b + 1 && b != a + 1))) {
        return wrong(c, "its two heads do not follow each other");
    }
    c->meta = a < b ? second : first;
    return c->meta.trees[TREE_FREE].pad == c->page_size || wrong(c, "no sensible page size");
}

static bool read_meta(struct checking *c, unsigned which, size_t page_size, struct meta *out)
{
    struct {
        struct page_head head;
        struct meta meta;
    } page;
    if (pread(c->fd, &page, sizeof page, (off_t)(which * page_size)) != (ssize_t)sizeof page) {
        return wrong(c, "cut off in its head");
    }
    if (page.head.number != which || page.head.flags != PAGE_META ||
        page.meta.magic != DATA_MAGIC) {
        return wrong(c, "not a journal, or its head is damaged");
    }
    if (page.meta.version != DATA_VERSION) {
        return wrong(c, "written in a form this program cannot read");
    }
    *out = page.meta;
    return true;
}

static bool check_bounds(struct checking *c)
{
    const struct meta *m = &c->meta;
    uint64_t most = (c->file_size + SLACK_BYTES) / c->page_size;
    if (m->last_page < 1 || m->last_page > most) {
        return wrong(c, "counts more pages than there can be");
    }
    if (m->map_size > UINT64_C(1) << 47 || m->trees[TREE_FREE].flags != 8 ||
        m->trees[TREE_DATA].flags != 0) {
        return wrong(c, "its head is damaged");
    }
    return true;
}

static bool check_tree(struct checking *c, enum tree_no tree)
{
    const struct tree *t = &c->meta.trees[tree];
    c->tree = tree;
    c->seen = (struct tree){.depth = 0};
    c->has_last = false;
    if (t->root == NO_PAGE) {
        return (t->depth == 0 && t->entries == 0) || wrong(c, "a tree without a root");
    }
    if (t->depth < 1 || t->depth > DEPTH_MOST) {
        return wrong(c, "a tree of impossible depth");
    }
    if (!check_page(c, t->root, 1)) {
        return false;
    }
    if (c->seen.branches != t->branches || c->seen.leaves != t->leaves ||
        c->seen.overflows != t->overflows || c->seen.entries != t->entries) {
        return wrong(c, "a tree that is not as large as its head says");
    }
    return true;
}

/* The page and all below it. No deeper than the tree's depth, which is at most DEPTH_MOST. */
static bool check_page(struct checking *c, uint64_t number, unsigned level)
{
    uint8_t *page = c->pages + (level - 1) * c->page_size;
    struct page_head head;
    if (!take_pages(c, number, 1) || !read_page(c, number, page)) {
        return false;
    }
    memcpy(&head, page, sizeof head);
    if (head.number != number || !check_head(c, &head, level)) {
        return wrong(c, "a page that is not what it should be");
    }
    bool leaf = (head.flags & PAGE_LEAF) != 0;
    unsigned count = (head.lower - PAGE_HEADER) / 2u;
    size_t packed = 0;
    for (unsigned i = 0; i < count; i++) {
        struct node n;
        if (!read_node(c, page, i, &n)) {
            return false;
        }
        packed += n.size;
        if (leaf ? !check_leaf_node(c, &n) : !check_page(c, n.child, level + 1)) {
            return false;
        }
    }
    c->seen.branches += !leaf;
    c->seen.leaves += leaf;
    c->seen.entries += leaf ? count : 0;
    return packed == c->page_size - head.upper || wrong(c, "a page with a gap");
}

static bool read_page(struct checking *c, uint64_t number, uint8_t *out)
{
    off_t at = (off_t)(number * c->page_size);
    return pread(c->fd, out, c->page_size, at) == (ssize_t)c->page_size ||
           wrong(c, "cut off, or a part cannot be read");
}

/* Marks pages as used; false when one was already, or is none. */
static bool take_pages(struct checking *c, uint64_t first, uint64_t count)
{
    if (first < 2 || first > c->meta.last_page || count > c->meta.last_page + 1 - first) {
        return wrong(c, "a page number beyond the end");
    }
    for (uint64_t p = first; p < first + count; p++) {
        uint8_t bit = (uint8_t)(1u << (p & 7));
        if ((c->used[p / 8] & bit) != 0) {
            return wrong(c, "a page with two uses");
        }
        c->used[p / 8] |= bit;
    }
    return true;
}

static bool check_head(struct checking *c, const struct page_head *h, unsigned level)
{
    bool last = level == c->meta.trees[c->tree].depth;
    if (h->flags != (last ? PAGE_LEAF : PAGE_BRANCH)) {
        return false;
    }
    /* LMDB asserts two nodes in a branch; in the free list's it lets a single one pass */
    unsigned least = last || c->tree == TREE_FREE ? 1 : 2;
    return h->upper <= c->page_size && h->lower <= h->upper && (h->lower & 1) == 0 &&
           (h->upper & 1) == 0 && h->lower >= PAGE_HEADER + 2 * least;
}

static bool read_node(struct checking *c, const uint8_t *page, unsigned index, struct node *out)
{
    struct page_head head;
    uint16_t at, low, high;
    memcpy(&head, page, sizeof head);
    memcpy(&at, page + PAGE_HEADER + 2 * index, sizeof at);
    if (at < head.upper || (at & 1) != 0 || at + (size_t)NODE_HEADER > c->page_size) {
        return wrong(c, "a node outside its page");
    }
    bool leaf = (head.flags & PAGE_LEAF) != 0;
    memcpy(&low, page + at, sizeof low);
    memcpy(&high, page + at + 2, sizeof high);
    memcpy(&out->flags, page + at + 4, sizeof out->flags);
    memcpy(&out->klen, page + at + 6, sizeof out->klen);
    out->child = (uint64_t)low | (uint64_t)high << 16 | (leaf ? 0 : (uint64_t)out->flags << 32);
    out->key = page + at + NODE_HEADER;
    out->data = out->key + out->klen;
    if (leaf && out->flags != 0 && out->flags != NODE_BIG) {
        return wrong(c, "a node of unknown kind");
    }
    uint64_t data = !leaf ? 0 : out->flags == NODE_BIG ? sizeof(uint64_t) : out->child;
    out->size = (size_t)((NODE_HEADER + out->klen + data + 1) & ~UINT64_C(1));
    return (out->klen <= KEY_MOST && out->size <= c->page_size - at) ||
           wrong(c, "a node larger than its page");
}

static bool check_leaf_node(struct checking *c, const struct node *n)
{
    if (!check_order(c, n)) {
        return false;
    }
    if (n->flags == NODE_BIG) {
        return check_long_value(c, n);
    }
    return c->tree == TREE_DATA || check_free_list(c, n->data, n->child);
}

/* A value on pages of its own. There may be more of them than it needs: LMDB writes a shorter value
 * into the old place. */
static bool check_long_value(struct checking *c, const struct node *n)
{
    uint8_t *page = c->pages + DEPTH_MOST * c->page_size;
    struct page_head head;
    uint64_t first;
    uint32_t count;
    memcpy(&first, n->data, sizeof first);
    if (first > c->meta.last_page || !read_page(c, first, page)) {
        return wrong(c, "a page number beyond the end");
    }
    memcpy(&head, page, sizeof head);
    memcpy(&count, page + offsetof(struct page_head, lower), sizeof count);
    if (head.number != first || head.flags != PAGE_OVERFLOW ||
        count < (PAGE_HEADER - 1 + n->child) / c->page_size + 1 || !take_pages(c, first, count) ||
        !read_page(c, first + count - 1, page)) {
        return wrong(c, "a long value that is not whole");
    }
    c->seen.overflows += count;
    return c->tree == TREE_DATA || check_long_free_list(c, first, n->child);
}

static bool check_long_free_list(struct checking *c, uint64_t first, uint64_t len)
{
    uint8_t *list = malloc(len + 1);
    off_t at = (off_t)(first * c->page_size + PAGE_HEADER);
    bool good = list != NULL && pread(c->fd, list, len, at) == (ssize_t)len;
    good = good && check_free_list(c, list, len);
    free(list);
    return good || wrong(c, "a damaged free list");
}

/* Keys of the data tree ascend as octets, those of the free list as numbers, over all leaves. */
static bool check_order(struct checking *c, const struct node *n)
{
    uint64_t now = 0, before = 0;
    bool after = !c->has_last;
    if (c->tree == TREE_FREE) {
        if (n->klen != sizeof now) {
            return wrong(c, "a damaged free list");
        }
        memcpy(&now, n->key, sizeof now);
        memcpy(&before, c->last_key, sizeof before);
        after |= before < now;
    } else {
        size_t shorter = n->klen < c->last_len ? n->klen : c->last_len;
        int order = after ? 0 : memcmp(c->last_key, n->key, shorter);
        after |= order < 0 || (order == 0 && c->last_len < n->klen);
    }
    memcpy(c->last_key, n->key, n->klen);
    c->last_len = n->klen;
    c->has_last = true;
    return (after && n->klen > 0) || wrong(c, "keys out of order");
}

/* A count, then that many page numbers that nobody may use. */
static bool check_free_list(struct checking *c, const uint8_t *list, uint64_t len)
{
    uint64_t count, page;
    if (len < sizeof count) {
        return wrong(c, "a damaged free list");
    }
    memcpy(&count, list, sizeof count);
    if (count > len / sizeof count - 1) {
        return wrong(c, "a damaged free list");
    }
    for (uint64_t i = 1; i <= count; i++) {
        memcpy(&page, list + i * sizeof page, sizeof page);
        if (!take_pages(c, page, 1)) {
            return false;
        }
    }
    return true;
}

static bool wrong(struct checking *c, const char *what)
{
    if (c->wrong == NULL) {
        c->wrong = what;
    }
    return false;
}
