
/*
 * Lists in a request's dynamic metadata.
 */


#include "ngx_http_outrider.h"
#include "ngx_http_outrider_metadata.h"


static ngx_http_outrider_datum_t *
ngx_http_outrider_element(ngx_http_outrider_datum_t *d, size_t index)
{
    ngx_http_outrider_datum_t  *e;

    if (d == NULL || d->kind != NGX_HTTP_OUTRIDER_LIST) {
        return NULL;
    }

    for (e = d->list; e && index; e = e->next) {
        index--;
    }

    return e;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_list_size)(void *host, uint32_t source,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, size_t *result)
{
    size_t                      n;
    ngx_http_outrider_datum_t  *d;

    d = ngx_http_outrider_lookup(host, source, ns, key);

    if (d == NULL || d->kind != NGX_HTTP_OUTRIDER_LIST) {
        return false;
    }

    n = 0;

    for (d = d->list; d; d = d->next) {
        n++;
    }

    *result = n;
    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_list_number)(void *host,
    uint32_t source, ngx_outrider_text_t ns, ngx_outrider_text_t key,
    size_t index, double *result)
{
    return ngx_http_outrider_store_number(
               ngx_http_outrider_element(
                   ngx_http_outrider_lookup(host, source, ns, key), index),
               result);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_list_bool)(void *host, uint32_t source,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, size_t index, bool *result)
{
    return ngx_http_outrider_store_flag(
               ngx_http_outrider_element(
                   ngx_http_outrider_lookup(host, source, ns, key), index),
               result);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_list_string)(void *host,
    uint32_t source, ngx_outrider_text_t ns, ngx_outrider_text_t key,
    size_t index, ngx_outrider_text_t *result)
{
    return ngx_http_outrider_store_text(
               ngx_http_outrider_element(
                   ngx_http_outrider_lookup(host, source, ns, key), index),
               result);
}


static ngx_http_outrider_datum_t *
ngx_http_outrider_add(void *host, ngx_outrider_text_t ns,
    ngx_outrider_text_t key, ngx_http_outrider_ctx_t **ctx)
{
    ngx_http_outrider_datum_t   *d, *e, **last;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find_to_set(host, ns, key);

    if (f == NULL) {
        return NULL;
    }

    *ctx = f->ctx;

    d = ngx_http_outrider_datum(f->ctx, ns.data, ns.len, key.data, key.len,
                                0, 0);
    if (d == NULL) {
        d = ngx_http_outrider_datum(f->ctx, ns.data, ns.len, key.data, key.len,
                                    0, 1);
        if (d == NULL) {
            return NULL;
        }

        d->kind = NGX_HTTP_OUTRIDER_LIST;
    }

    if (d->kind != NGX_HTTP_OUTRIDER_LIST) {
        return NULL;
    }

    e = ngx_pcalloc(f->ctx->request->pool, sizeof(ngx_http_outrider_datum_t));
    if (e == NULL) {
        return NULL;
    }

    for (last = &d->list; *last; last = &(*last)->next) { /* void */ }

    *last = e;

    return e;
}


bool
NGX_OUTRIDER_CALLBACK(http_add_dynamic_metadata_list_number)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, double value)
{
    ngx_http_outrider_ctx_t    *ctx;
    ngx_http_outrider_datum_t  *d;

    d = ngx_http_outrider_add(host, ns, key, &ctx);

    if (d == NULL) {
        return false;
    }

    d->kind = NGX_HTTP_OUTRIDER_NUMBER;
    d->number = value;

    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_add_dynamic_metadata_list_bool)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, bool value)
{
    ngx_http_outrider_ctx_t    *ctx;
    ngx_http_outrider_datum_t  *d;

    d = ngx_http_outrider_add(host, ns, key, &ctx);

    if (d == NULL) {
        return false;
    }

    d->kind = NGX_HTTP_OUTRIDER_FLAG;
    d->flag = value;

    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_add_dynamic_metadata_list_string)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, ngx_outrider_text_t value)
{
    ngx_http_outrider_ctx_t    *ctx;
    ngx_http_outrider_datum_t  *d;

    if (value.len > 16 * 1024 * 1024 || (value.data == NULL && value.len)) {
        return false;
    }

    d = ngx_http_outrider_add(host, ns, key, &ctx);

    if (d == NULL) {
        return false;
    }

    d->kind = NGX_HTTP_OUTRIDER_TEXT;

    return ngx_http_outrider_keep_text(ctx, &d->text, value.data, value.len)
           == NGX_OK;
}
