
/*
 * Counters, gauges and histograms of modules, in memory that the workers share:
 * each series has a cell for some of the workers each, and what is shown is
 * their sum.  Series outlive reloads, as long as the zone does.
 */


#include "ngx_http_outrider_metrics.h"


ngx_http_outrider_metrics_t  *ngx_http_outrider_shared;
ngx_slab_pool_t              *ngx_http_outrider_slab;


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
