
/*
 * A request's dynamic metadata: numbers, strings, flags, lists of them, whole
 * structs, and messages that only modules can read.
 */


#include "ngx_http_outrider.h"
#include "ngx_http_outrider_metadata.h"


/*
 * The entry of a namespace and key; made if it is not there and "create" says
 * so.  What a getter stores stays good until the entry is set again.
 */

ngx_http_outrider_datum_t *
ngx_http_outrider_datum(ngx_http_outrider_ctx_t *ctx, u_char *ns, size_t ns_len,
    u_char *key, size_t key_len, ngx_uint_t typed, ngx_uint_t create)
{
    u_char                     *p;
    ngx_http_outrider_datum_t  *d, **last;

    for (last = &ctx->metadata; *last; last = &(*last)->next) {
        d = *last;

        if (d->ns.len == ns_len && d->key.len == key_len
            && (d->kind == NGX_HTTP_OUTRIDER_TYPED) == typed
            && ngx_memcmp(d->ns.data, ns, ns_len) == 0
            && ngx_memcmp(d->key.data, key, key_len) == 0)
        {
            return d;
        }
    }

    if (!create) {
        return NULL;
    }

    d = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_outrider_datum_t));
    p = ngx_pnalloc(ctx->request->pool, ns_len + key_len + 1);
    if (d == NULL || p == NULL) {
        return NULL;
    }

    d->ns.data = p;
    d->ns.len = ns_len;
    p = ngx_cpymem(p, ns, ns_len);

    d->key.data = p;
    d->key.len = key_len;
    ngx_memcpy(p, key, key_len);

    *last = d;

    return d;
}


ngx_int_t
ngx_http_outrider_keep_text(ngx_http_outrider_ctx_t *ctx, ngx_str_t *text,
    u_char *data, size_t len)
{
    u_char  *p;

    p = ngx_pnalloc(ctx->request->pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (len) {
        ngx_memcpy(p, data, len);
    }

    text->data = p;
    text->len = len;

    return NGX_OK;
}


/* The text of a value, for a variable of nginx's. */

ngx_int_t
ngx_http_outrider_metadata_text(ngx_http_outrider_ctx_t *ctx, ngx_str_t *ns,
    ngx_str_t *key, ngx_str_t *text)
{
    u_char                     *p;
    ngx_http_outrider_datum_t  *d;

    d = ngx_http_outrider_datum(ctx, ns->data, ns->len, key->data, key->len,
                                0, 0);
    if (d == NULL) {
        return NGX_DECLINED;
    }

    switch (d->kind) {

    case NGX_HTTP_OUTRIDER_TEXT:
        *text = d->text;
        return NGX_OK;

    case NGX_HTTP_OUTRIDER_FLAG:
        ngx_str_set(text, "false");

        if (d->flag) {
            ngx_str_set(text, "true");
        }

        return NGX_OK;

    case NGX_HTTP_OUTRIDER_NUMBER:
        p = ngx_pnalloc(ctx->request->pool, 32);
        if (p == NULL) {
            return NGX_ERROR;
        }

        text->data = p;
        text->len = snprintf((char *) p, 32, "%.15g", d->number);
        return NGX_OK;

    default:
        return NGX_DECLINED;
    }
}


/* The filter whose request gets metadata of that name; NULL if it cannot. */

ngx_http_outrider_filter_t *
ngx_http_outrider_find_to_set(void *host, ngx_outrider_text_t ns,
    ngx_outrider_text_t key)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || ns.len > 65535 || key.len > 65535
        || (ns.data == NULL && ns.len) || (key.data == NULL && key.len)
        || f->ctx->closed)
    {
        return NULL;
    }

    return f;
}


static ngx_http_outrider_datum_t *
ngx_http_outrider_set(void *host, ngx_outrider_text_t ns,
    ngx_outrider_text_t key, ngx_http_outrider_ctx_t **ctx)
{
    ngx_http_outrider_datum_t   *d;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find_to_set(host, ns, key);

    if (f == NULL) {
        return NULL;
    }

    *ctx = f->ctx;

    d = ngx_http_outrider_datum(f->ctx, ns.data, ns.len, key.data, key.len,
                                0, 1);
    if (d) {
        d->list = NULL;
    }

    return d;
}


void
NGX_OUTRIDER_CALLBACK(http_set_dynamic_metadata_number)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, double value)
{
    ngx_http_outrider_ctx_t    *ctx;
    ngx_http_outrider_datum_t  *d;

    d = ngx_http_outrider_set(host, ns, key, &ctx);

    if (d) {
        d->kind = NGX_HTTP_OUTRIDER_NUMBER;
        d->number = value;
    }
}


void
NGX_OUTRIDER_CALLBACK(http_set_dynamic_metadata_bool)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, bool value)
{
    ngx_http_outrider_ctx_t    *ctx;
    ngx_http_outrider_datum_t  *d;

    d = ngx_http_outrider_set(host, ns, key, &ctx);

    if (d) {
        d->kind = NGX_HTTP_OUTRIDER_FLAG;
        d->flag = value;
    }
}


void
NGX_OUTRIDER_CALLBACK(http_set_dynamic_metadata_string)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, ngx_outrider_text_t value)
{
    ngx_http_outrider_ctx_t    *ctx;
    ngx_http_outrider_datum_t  *d;

    if (value.len > 16 * 1024 * 1024 || (value.data == NULL && value.len)) {
        return;
    }

    d = ngx_http_outrider_set(host, ns, key, &ctx);

    if (d) {
        d->kind = NGX_HTTP_OUTRIDER_TEXT;
        (void) ngx_http_outrider_keep_text(ctx, &d->text, value.data,
                                           value.len);
    }
}


void
NGX_OUTRIDER_CALLBACK(http_set_dynamic_metadata_string_batch)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_field_t *entries, size_t n)
{
    size_t               i;
    ngx_outrider_text_t  key, value;

    for (i = 0; i < n; i++) {
        key.data = entries[i].name;
        key.len = entries[i].name_len;
        value.data = entries[i].value;
        value.len = entries[i].value_len;

        NGX_OUTRIDER_CALLBACK(http_set_dynamic_metadata_string)(host, ns, key,
                                                                value);
    }
}


void
NGX_OUTRIDER_CALLBACK(http_set_dynamic_metadata_struct)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t message)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || message.data == NULL || ns.data == NULL
        || ns.len > 65535 || message.len > 16 * 1024 * 1024 || f->ctx->closed)
    {
        return;
    }

    ngx_http_outrider_read_struct(f->ctx, &ns, message.data, message.len);
}


void
NGX_OUTRIDER_CALLBACK(http_set_dynamic_typed_metadata)(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t message)
{
    ngx_str_t                    type, value;
    ngx_http_outrider_datum_t   *d;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || message.data == NULL || ns.data == NULL
        || ns.len > 65535 || message.len > 16 * 1024 * 1024 || f->ctx->closed
        || ngx_http_outrider_read_any(message.data, message.len, &type, &value)
           != NGX_OK)
    {
        return;
    }

    d = ngx_http_outrider_datum(f->ctx, ns.data, ns.len, NULL, 0, 1, 1);
    if (d == NULL) {
        return;
    }

    d->kind = NGX_HTTP_OUTRIDER_TYPED;

    (void) ngx_http_outrider_keep_text(f->ctx, &d->type, type.data, type.len);
    (void) ngx_http_outrider_keep_text(f->ctx, &d->text, value.data, value.len);
}


static ngx_uint_t
ngx_http_outrider_is_dynamic(uint32_t source)
{
    if (source == NGX_OUTRIDER_METADATA_DYNAMIC) {
        return 1;
    }

    ngx_http_outrider_cannot("for metadata of a route, a cluster or a host",
                             "those of nginx have none");
    return 0;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_typed_metadata)(void *host, uint32_t source,
    ngx_outrider_text_t ns, ngx_outrider_text_t *type,
    ngx_outrider_text_t *value)
{
    ngx_http_outrider_datum_t   *d;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || !ngx_http_outrider_is_dynamic(source)
        || ns.data == NULL)
    {
        return false;
    }

    d = ngx_http_outrider_datum(f->ctx, ns.data, ns.len, NULL, 0, 1, 0);
    if (d == NULL) {
        return false;
    }

    type->data = d->type.data;
    type->len = d->type.len;
    value->data = d->text.data;
    value->len = d->text.len;

    return true;
}


ngx_http_outrider_datum_t *
ngx_http_outrider_lookup(void *host, uint32_t source, ngx_outrider_text_t ns,
    ngx_outrider_text_t key)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || !ngx_http_outrider_is_dynamic(source)
        || (ns.data == NULL && ns.len) || (key.data == NULL && key.len))
    {
        return NULL;
    }

    return ngx_http_outrider_datum(f->ctx, ns.data, ns.len, key.data, key.len,
                                   0, 0);
}


bool
ngx_http_outrider_store_number(ngx_http_outrider_datum_t *d, double *result)
{
    if (d == NULL || d->kind != NGX_HTTP_OUTRIDER_NUMBER) {
        return false;
    }

    *result = d->number;
    return true;
}


bool
ngx_http_outrider_store_flag(ngx_http_outrider_datum_t *d, bool *result)
{
    if (d == NULL || d->kind != NGX_HTTP_OUTRIDER_FLAG) {
        return false;
    }

    *result = d->flag;
    return true;
}


bool
ngx_http_outrider_store_text(ngx_http_outrider_datum_t *d,
    ngx_outrider_text_t *result)
{
    if (d == NULL || d->kind != NGX_HTTP_OUTRIDER_TEXT) {
        return false;
    }

    result->data = d->text.data;
    result->len = d->text.len;
    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_number)(void *host, uint32_t source,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, double *result)
{
    return ngx_http_outrider_store_number(
               ngx_http_outrider_lookup(host, source, ns, key), result);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_bool)(void *host, uint32_t source,
    ngx_outrider_text_t ns, ngx_outrider_text_t key, bool *result)
{
    return ngx_http_outrider_store_flag(
               ngx_http_outrider_lookup(host, source, ns, key), result);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_string)(void *host, uint32_t source,
    ngx_outrider_text_t ns, ngx_outrider_text_t key,
    ngx_outrider_text_t *result)
{
    return ngx_http_outrider_store_text(
               ngx_http_outrider_lookup(host, source, ns, key), result);
}


static size_t
ngx_http_outrider_keys(ngx_http_outrider_ctx_t *ctx, ngx_outrider_text_t *ns,
    ngx_outrider_text_t *results)
{
    size_t                      n;
    ngx_http_outrider_datum_t  *d;

    n = 0;

    for (d = ctx->metadata; d; d = d->next) {

        if (d->kind == NGX_HTTP_OUTRIDER_TYPED || d->ns.len != ns->len
            || ngx_memcmp(d->ns.data, ns->data, ns->len) != 0)
        {
            continue;
        }

        if (results) {
            results[n].data = d->key.data;
            results[n].len = d->key.len;
        }

        n++;
    }

    return n;
}


static size_t
ngx_http_outrider_namespaces(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_text_t *results)
{
    size_t                      n;
    ngx_http_outrider_datum_t  *d, *e;

    n = 0;

    for (d = ctx->metadata; d; d = d->next) {

        if (d->kind == NGX_HTTP_OUTRIDER_TYPED) {
            continue;
        }

        for (e = ctx->metadata; e != d; e = e->next) {
            if (e->kind != NGX_HTTP_OUTRIDER_TYPED && e->ns.len == d->ns.len
                && ngx_memcmp(e->ns.data, d->ns.data, d->ns.len) == 0)
            {
                break;
            }
        }

        if (e != d) {
            continue;
        }

        if (results) {
            results[n].data = d->ns.data;
            results[n].len = d->ns.len;
        }

        n++;
    }

    return n;
}


size_t
NGX_OUTRIDER_CALLBACK(http_get_metadata_keys_count)(void *host,
    uint32_t source, ngx_outrider_text_t ns)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f && source == NGX_OUTRIDER_METADATA_DYNAMIC && ns.data
           ? ngx_http_outrider_keys(f->ctx, &ns, NULL) : 0;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_keys)(void *host, uint32_t source,
    ngx_outrider_text_t ns, ngx_outrider_text_t *results)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f && source == NGX_OUTRIDER_METADATA_DYNAMIC && ns.data
           && ngx_http_outrider_keys(f->ctx, &ns, results) > 0;
}


size_t
NGX_OUTRIDER_CALLBACK(http_get_metadata_namespaces_count)(void *host,
    uint32_t source)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f && source == NGX_OUTRIDER_METADATA_DYNAMIC
           ? ngx_http_outrider_namespaces(f->ctx, NULL) : 0;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_metadata_namespaces)(void *host,
    uint32_t source, ngx_outrider_text_t *results)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f && source == NGX_OUTRIDER_METADATA_DYNAMIC
           && ngx_http_outrider_namespaces(f->ctx, results) > 0;
}
