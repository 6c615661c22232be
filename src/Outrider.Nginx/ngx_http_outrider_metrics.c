
/*
 * Counters, gauges and histograms of modules, in memory that the workers share:
 * each series has a cell for some of the workers each, and what is shown is
 * their sum.  Series outlive reloads, as long as the zone does.
 */


#include "ngx_http_outrider.h"


/* workers share cells when there are more of them: additions are atomic */
#define NGX_HTTP_OUTRIDER_CELLS     8

/* labels may come from requests: a module must not fill the memory */
#define NGX_HTTP_OUTRIDER_SERIES    10000
#define NGX_HTTP_OUTRIDER_LABELS    2048

#define NGX_HTTP_OUTRIDER_ZONE      (4 * 1024 * 1024)
#define NGX_HTTP_OUTRIDER_BUCKETS   65
#define NGX_HTTP_OUTRIDER_HASH      256


typedef enum {
    NGX_HTTP_OUTRIDER_COUNTER,
    NGX_HTTP_OUTRIDER_GAUGE,
    NGX_HTTP_OUTRIDER_HISTOGRAM
} ngx_http_outrider_metric_e;

typedef struct ngx_http_outrider_series_s  ngx_http_outrider_series_t;
typedef struct ngx_http_outrider_family_s  ngx_http_outrider_family_t;

struct ngx_http_outrider_series_s {
    ngx_http_outrider_series_t   *next;       /* of the family */
    ngx_http_outrider_series_t   *bucket;     /* of the hash */
    uint32_t                      hash;
    size_t                        len;        /* of the labels' values, each ended by a 0 */
    ngx_atomic_t                  value[NGX_HTTP_OUTRIDER_CELLS];
    ngx_atomic_t                 *counts;     /* of a histogram, by powers of two */
    u_char                        labels[1];
};

struct ngx_http_outrider_family_s {
    ngx_http_outrider_metric_e    kind;
    size_t                        len;        /* of name and labels' names, each ended by a 0 */
    ngx_uint_t                    nlabels;
    ngx_uint_t                    nseries;
    ngx_http_outrider_series_t   *series;
    ngx_http_outrider_family_t   *next;
    ngx_http_outrider_series_t   *table[NGX_HTTP_OUTRIDER_HASH];
    u_char                        names[1];
};

typedef struct {
    ngx_http_outrider_family_t   *families;
} ngx_http_outrider_metrics_t;


static ngx_http_outrider_metrics_t  *ngx_http_outrider_shared;
static ngx_slab_pool_t              *ngx_http_outrider_slab;


static ngx_int_t
ngx_http_outrider_init_zone(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t  *slab;

    slab = (ngx_slab_pool_t *) zone->shm.addr;

    if (data) {
        zone->data = data;
        return NGX_OK;
    }

    if (zone->shm.exists) {
        zone->data = slab->data;
        return NGX_OK;
    }

    zone->data = ngx_slab_calloc(slab, sizeof(ngx_http_outrider_metrics_t));
    if (zone->data == NULL) {
        return NGX_ERROR;
    }

    slab->data = zone->data;
    slab->log_nomem = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_outrider_metrics_zone(ngx_conf_t *cf)
{
    ngx_str_t                       name = ngx_string("outrider_metrics");
    ngx_http_outrider_main_conf_t  *omcf;

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_outrider_module);

    /* the tag must be the same after a reload, which may load this code elsewhere */

    omcf->metrics = ngx_shared_memory_add(cf, &name, NGX_HTTP_OUTRIDER_ZONE,
                                          &ngx_http_core_module);
    if (omcf->metrics == NULL) {
        return NGX_ERROR;
    }

    omcf->metrics->init = ngx_http_outrider_init_zone;

    return NGX_OK;
}


void
ngx_http_outrider_metrics_open(ngx_http_outrider_main_conf_t *omcf)
{
    ngx_http_outrider_shared = omcf->metrics->data;
    ngx_http_outrider_slab = (ngx_slab_pool_t *) omcf->metrics->shm.addr;
}


static ngx_uint_t
ngx_http_outrider_name_valid(u_char *name, size_t len)
{
    return name && len && len < 256;
}


static uint32_t
ngx_http_outrider_define(void *config, ngx_http_outrider_metric_e kind,
    ngx_outrider_text_t name, ngx_outrider_text_t *labels, size_t n, size_t *id)
{
    u_char                        names[NGX_HTTP_OUTRIDER_LABELS], *p;
    size_t                        i;
    ngx_http_outrider_use_t      *use;
    ngx_http_outrider_family_t   *family, **slot;

    use = config;

    if (use == NULL || use->frozen) {
        return NGX_OUTRIDER_METRIC_FROZEN;
    }

    if (!ngx_http_outrider_name_valid(name.data, name.len) || n > 32) {
        return NGX_OUTRIDER_METRIC_BAD_LABELS;
    }

    p = ngx_cpymem(names, name.data, name.len);
    *p++ = '\0';

    for (i = 0; i < n; i++) {

        if (!ngx_http_outrider_name_valid(labels[i].data, labels[i].len)
            || (size_t) (names + sizeof(names) - p) <= labels[i].len)
        {
            return NGX_OUTRIDER_METRIC_BAD_LABELS;
        }

        p = ngx_cpymem(p, labels[i].data, labels[i].len);
        *p++ = '\0';
    }

    slot = ngx_array_push(use->metrics);
    if (slot == NULL) {
        return NGX_OUTRIDER_METRIC_FROZEN;
    }

    *slot = NULL;
    *id = use->metrics->nelts;

    if (ngx_http_outrider_shared == NULL) {

        /* the master's check: there are no workers to count for */

        return NGX_OUTRIDER_METRIC_OK;
    }

    ngx_shmtx_lock(&ngx_http_outrider_slab->mutex);

    for (family = ngx_http_outrider_shared->families;
         family;
         family = family->next)
    {
        if (family->kind == kind && family->len == (size_t) (p - names)
            && ngx_memcmp(family->names, names, family->len) == 0)
        {
            break;
        }
    }

    if (family == NULL) {
        family = ngx_slab_calloc_locked(ngx_http_outrider_slab,
                                     sizeof(ngx_http_outrider_family_t)
                                     + (p - names));
        if (family) {
            family->kind = kind;
            family->len = p - names;
            family->nlabels = n;
            ngx_memcpy(family->names, names, family->len);

            family->next = ngx_http_outrider_shared->families;
            ngx_http_outrider_shared->families = family;
        }
    }

    ngx_shmtx_unlock(&ngx_http_outrider_slab->mutex);

    *slot = family;

    return NGX_OUTRIDER_METRIC_OK;
}


static ngx_http_outrider_series_t *
ngx_http_outrider_find_series(ngx_http_outrider_family_t *family, u_char *labels,
    size_t len)
{
    uint32_t                     hash;
    ngx_http_outrider_series_t  *s, **slot;

    hash = ngx_murmur_hash2(labels, len);
    slot = &family->table[hash % NGX_HTTP_OUTRIDER_HASH];

    /* a series is whole before it is linked, and stays */

    for (s = *(ngx_http_outrider_series_t *volatile *) slot; s; s = s->bucket) {
        if (s->hash == hash && s->len == len
            && ngx_memcmp(s->labels, labels, len) == 0)
        {
            return s;
        }
    }

    ngx_shmtx_lock(&ngx_http_outrider_slab->mutex);

    for (s = *slot; s; s = s->bucket) {
        if (s->hash == hash && s->len == len
            && ngx_memcmp(s->labels, labels, len) == 0)
        {
            goto done;
        }
    }

    if (family->nseries >= NGX_HTTP_OUTRIDER_SERIES) {
        goto done;
    }

    s = ngx_slab_calloc_locked(ngx_http_outrider_slab,
                               sizeof(ngx_http_outrider_series_t) + len);
    if (s == NULL) {
        goto done;
    }

    if (family->kind == NGX_HTTP_OUTRIDER_HISTOGRAM) {
        s->counts = ngx_slab_calloc_locked(ngx_http_outrider_slab,
                                           NGX_HTTP_OUTRIDER_BUCKETS
                                           * sizeof(ngx_atomic_t));
        if (s->counts == NULL) {
            ngx_slab_free_locked(ngx_http_outrider_slab, s);
            s = NULL;
            goto done;
        }
    }

    s->hash = hash;
    s->len = len;
    ngx_memcpy(s->labels, labels, len);
    s->bucket = *slot;
    s->next = family->series;

    ngx_memory_barrier();

    *slot = s;
    family->series = s;
    family->nseries++;

done:

    ngx_shmtx_unlock(&ngx_http_outrider_slab->mutex);

    return s;
}


static uint32_t
ngx_http_outrider_apply(ngx_http_outrider_use_t *use,
    ngx_http_outrider_metric_e kind, size_t id, ngx_outrider_text_t *labels,
    size_t n, int64_t delta, ngx_uint_t set)
{
    u_char                        joined[NGX_HTTP_OUTRIDER_LABELS], *p;
    size_t                        i, k;
    ngx_uint_t                    bits;
    ngx_atomic_t                 *cell;
    ngx_http_outrider_series_t   *s;
    ngx_http_outrider_family_t  **families, *family;

    if (use == NULL || use->metrics == NULL || id == 0
        || id > use->metrics->nelts)
    {
        return NGX_OUTRIDER_METRIC_NOT_FOUND;
    }

    families = use->metrics->elts;
    family = families[id - 1];

    if (family == NULL) {
        return NGX_OUTRIDER_METRIC_OK;
    }

    if (family->kind != kind) {
        return NGX_OUTRIDER_METRIC_NOT_FOUND;
    }

    if (family->nlabels != n) {
        return NGX_OUTRIDER_METRIC_BAD_LABELS;
    }

    p = joined;

    for (i = 0; i < n; i++) {

        if ((labels[i].data == NULL && labels[i].len)
            || labels[i].len >= (size_t) (joined + sizeof(joined) - p))
        {
            return NGX_OUTRIDER_METRIC_BAD_LABELS;
        }

        for (k = 0; k < labels[i].len; k++) {
            /* the 0 ends a label */
            *p++ = labels[i].data[k] ? labels[i].data[k] : '?';
        }

        *p++ = '\0';
    }

    s = ngx_http_outrider_find_series(family, joined, p - joined);

    if (s == NULL) {
        return NGX_OUTRIDER_METRIC_FROZEN;
    }

    cell = &s->value[ngx_worker % NGX_HTTP_OUTRIDER_CELLS];

    if (kind == NGX_HTTP_OUTRIDER_HISTOGRAM) {
        for (bits = 0; bits < 64 && ((uint64_t) delta >> bits); bits++) {
            /* void */
        }

        (void) ngx_atomic_fetch_add(&s->counts[bits], 1);
    }

    if (set) {
        *cell = delta;

    } else {
        (void) ngx_atomic_fetch_add(cell, delta);
    }

    return NGX_OUTRIDER_METRIC_OK;
}


static ngx_http_outrider_use_t *
ngx_http_outrider_use_of(void *host)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f ? f->use->owner : NULL;
}


#define ngx_outrider_define(name, kind)                                       \
    uint32_t                                                                  \
    NGX_OUTRIDER_CALLBACK(http_filter_config_define_##name)(void *config,     \
        ngx_outrider_text_t text, ngx_outrider_text_t *labels, size_t n,      \
        size_t *id)                                                           \
    {                                                                         \
        return ngx_http_outrider_define(config, kind, text, labels, n, id);   \
    }

#define ngx_outrider_change(name, kind, delta, set)                           \
    uint32_t                                                                  \
    NGX_OUTRIDER_CALLBACK(http_filter_##name)(void *host, size_t id,          \
        ngx_outrider_text_t *labels, size_t n, uint64_t value)                \
    {                                                                         \
        return ngx_http_outrider_apply(ngx_http_outrider_use_of(host), kind,  \
                                       id, labels, n, delta, set);            \
    }                                                                         \
                                                                              \
    uint32_t                                                                  \
    NGX_OUTRIDER_CALLBACK(http_filter_config_##name)(void *config, size_t id, \
        ngx_outrider_text_t *labels, size_t n, uint64_t value)                \
    {                                                                         \
        return ngx_http_outrider_apply(config, kind, id, labels, n, delta,    \
                                       set);                                  \
    }

ngx_outrider_define(counter, NGX_HTTP_OUTRIDER_COUNTER)
ngx_outrider_define(gauge, NGX_HTTP_OUTRIDER_GAUGE)
ngx_outrider_define(histogram, NGX_HTTP_OUTRIDER_HISTOGRAM)

ngx_outrider_change(increment_counter, NGX_HTTP_OUTRIDER_COUNTER,
    (int64_t) value, 0)
ngx_outrider_change(increment_gauge, NGX_HTTP_OUTRIDER_GAUGE,
    (int64_t) value, 0)
ngx_outrider_change(decrement_gauge, NGX_HTTP_OUTRIDER_GAUGE,
    -(int64_t) value, 0)
ngx_outrider_change(set_gauge, NGX_HTTP_OUTRIDER_GAUGE, (int64_t) value, 1)
ngx_outrider_change(record_histogram_value, NGX_HTTP_OUTRIDER_HISTOGRAM,
    (int64_t) value, 0)


typedef struct {
    ngx_http_request_t  *request;
    ngx_chain_t         *first;
    ngx_chain_t        **last;
    ngx_buf_t           *buf;
    off_t                size;
    ngx_uint_t           failed;
} ngx_http_outrider_page_t;


static void
ngx_http_outrider_write(ngx_http_outrider_page_t *page, u_char *data, size_t len)
{
    size_t        n;
    ngx_chain_t  *cl;

    while (len && !page->failed) {

        if (page->buf == NULL || page->buf->last == page->buf->end) {

            cl = ngx_alloc_chain_link(page->request->pool);
            page->buf = cl ? ngx_create_temp_buf(page->request->pool, 16384)
                           : NULL;
            if (page->buf == NULL) {
                page->failed = 1;
                return;
            }

            cl->buf = page->buf;
            cl->next = NULL;
            *page->last = cl;
            page->last = &cl->next;
        }

        n = ngx_min(len, (size_t) (page->buf->end - page->buf->last));

        page->buf->last = ngx_cpymem(page->buf->last, data, n);
        page->size += n;
        data += n;
        len -= n;
    }
}


static void ngx_cdecl
ngx_http_outrider_print(ngx_http_outrider_page_t *page, const char *fmt, ...)
{
    u_char   text[512], *p;
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text), fmt, args);
    va_end(args);

    ngx_http_outrider_write(page, text, p - text);
}


/* The names of Prometheus' text format: [a-zA-Z_:][a-zA-Z0-9_:]*; the prefix begins one. */

static void
ngx_http_outrider_print_name(ngx_http_outrider_page_t *page, u_char *name)
{
    u_char  ch;

    for ( /* void */ ; *name; name++) {
        ch = *name;

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
              || (ch >= '0' && ch <= '9') || ch == ':'))
        {
            ch = '_';
        }

        ngx_http_outrider_write(page, &ch, 1);
    }
}


static void
ngx_http_outrider_print_labels(ngx_http_outrider_page_t *page,
    ngx_http_outrider_family_t *family, ngx_http_outrider_series_t *s,
    const char *le)
{
    u_char      *name, *value, *p;
    ngx_uint_t   i;

    if (family->nlabels == 0 && le == NULL) {
        return;
    }

    ngx_http_outrider_print(page, "{");

    name = family->names + ngx_strlen(family->names) + 1;
    value = s->labels;

    for (i = 0; i < family->nlabels; i++) {

        if (i) {
            ngx_http_outrider_print(page, ",");
        }

        if (*name >= '0' && *name <= '9') {
            ngx_http_outrider_print(page, "_");
        }

        ngx_http_outrider_print_name(page, name);
        ngx_http_outrider_print(page, "=\"");

        for (p = value; *p; p++) {
            switch (*p) {

            case '\\':
                ngx_http_outrider_print(page, "\\\\");
                break;

            case '"':
                ngx_http_outrider_print(page, "\\\"");
                break;

            case '\n':
                ngx_http_outrider_print(page, "\\n");
                break;

            default:
                ngx_http_outrider_write(page, p, 1);
                break;
            }
        }

        ngx_http_outrider_print(page, "\"");

        name += ngx_strlen(name) + 1;
        value += ngx_strlen(value) + 1;
    }

    if (le) {
        ngx_http_outrider_print(page, "%sle=\"%s\"",
                                family->nlabels ? "," : "", le);
    }

    ngx_http_outrider_print(page, "}");
}


static int64_t
ngx_http_outrider_sum(ngx_http_outrider_series_t *s)
{
    int64_t     sum;
    ngx_uint_t  i;

    sum = 0;

    for (i = 0; i < NGX_HTTP_OUTRIDER_CELLS; i++) {
        sum += (int64_t) s->value[i];
    }

    return sum;
}


static void
ngx_http_outrider_print_histogram(ngx_http_outrider_page_t *page,
    ngx_http_outrider_family_t *family, ngx_http_outrider_series_t *s)
{
    u_char      le[32], *p;
    uint64_t    below;
    ngx_uint_t  bits, last;

    below = 0;

    for (last = NGX_HTTP_OUTRIDER_BUCKETS - 1; last && !s->counts[last]; last--)
    {
        /* void */
    }

    for (bits = 0; bits <= last && bits < 64; bits++) {
        below += s->counts[bits];

        p = ngx_sprintf(le, "%uL", bits ? (((uint64_t) 1 << bits) - 1)
                                        : (uint64_t) 0);
        *p = '\0';

        ngx_http_outrider_print(page, "outrider_module_");
        ngx_http_outrider_print_name(page, family->names);
        ngx_http_outrider_print(page, "_bucket");
        ngx_http_outrider_print_labels(page, family, s, (char *) le);
        ngx_http_outrider_print(page, " %uL\n", below);
    }

    below += s->counts[64];

    ngx_http_outrider_print(page, "outrider_module_");
    ngx_http_outrider_print_name(page, family->names);
    ngx_http_outrider_print(page, "_bucket");
    ngx_http_outrider_print_labels(page, family, s, "+Inf");
    ngx_http_outrider_print(page, " %uL\noutrider_module_", below);
    ngx_http_outrider_print_name(page, family->names);
    ngx_http_outrider_print(page, "_sum");
    ngx_http_outrider_print_labels(page, family, s, NULL);
    ngx_http_outrider_print(page, " %L\noutrider_module_",
                            ngx_http_outrider_sum(s));
    ngx_http_outrider_print_name(page, family->names);
    ngx_http_outrider_print(page, "_count");
    ngx_http_outrider_print_labels(page, family, s, NULL);
    ngx_http_outrider_print(page, " %uL\n", below);
}


static ngx_int_t
ngx_http_outrider_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_outrider_page_t       page;
    ngx_http_outrider_series_t    *s;
    ngx_http_outrider_family_t    *family;

    static const char  *kinds[] = { "counter", "gauge", "histogram" };

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memzero(&page, sizeof(ngx_http_outrider_page_t));

    page.request = r;
    page.last = &page.first;

    for (family = ngx_http_outrider_shared ? ngx_http_outrider_shared->families
                                           : NULL;
         family;
         family = family->next)
    {
        ngx_http_outrider_print(&page, "# HELP outrider_module_");
        ngx_http_outrider_print_name(&page, family->names);
        ngx_http_outrider_print(&page, "%s Defined by a module.\n"
                                "# TYPE outrider_module_",
                                family->kind == NGX_HTTP_OUTRIDER_COUNTER
                                ? "_total" : "");
        ngx_http_outrider_print_name(&page, family->names);
        ngx_http_outrider_print(&page, "%s %s\n",
                                family->kind == NGX_HTTP_OUTRIDER_COUNTER
                                ? "_total" : "", kinds[family->kind]);

        for (s = family->series; s; s = s->next) {

            if (family->kind == NGX_HTTP_OUTRIDER_HISTOGRAM) {
                ngx_http_outrider_print_histogram(&page, family, s);
                continue;
            }

            ngx_http_outrider_print(&page, "outrider_module_");
            ngx_http_outrider_print_name(&page, family->names);

            if (family->kind == NGX_HTTP_OUTRIDER_COUNTER) {
                ngx_http_outrider_print(&page, "_total");
            }

            ngx_http_outrider_print_labels(&page, family, s, NULL);
            ngx_http_outrider_print(&page, " %L\n", ngx_http_outrider_sum(s));
        }
    }

    if (page.size == 0) {
        ngx_http_outrider_print(&page, "\n");
    }

    if (page.failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    page.buf->last_buf = 1;
    page.buf->last_in_chain = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = page.size;
    ngx_str_set(&r->headers_out.content_type, "text/plain; version=0.0.4");
    r->headers_out.content_type_len = sizeof("text/plain") - 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, page.first);
}


char *
ngx_http_outrider_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_outrider_metrics_handler;

    return NGX_CONF_OK;
}
