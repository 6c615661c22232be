
/*
 * The callbacks for headers and trailers.  What a getter stores leads into the
 * request's pool: good until the hook returns or the header is set.
 */


#include "ngx_http_outrider.h"


ngx_int_t ngx_http_outrider_request_get(ngx_http_outrider_ctx_t *ctx,
    u_char *name, size_t len, ngx_str_t *value);


/* They belong to a connection, and nginx writes them (RFC 9110, 7.6.1). */

ngx_uint_t
ngx_http_outrider_hop_by_hop(u_char *name, size_t len)
{
    ngx_uint_t  i;

    static const char  *names[] = {
        "te", "upgrade", "connection", "keep-alive", "http2-settings",
        "proxy-connection", "transfer-encoding", NULL
    };

    for (i = 0; names[i]; i++) {
        if (len == ngx_strlen(names[i])
            && ngx_strncasecmp(name, (u_char *) names[i], len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* A token and, without line ends, what may follow it (RFC 9110, 5.1 and 5.5). */

ngx_uint_t
ngx_http_outrider_field_valid(u_char *name, size_t name_len, u_char *value,
    size_t value_len)
{
    size_t  i;
    u_char  ch;

    if (name == NULL || name_len == 0 || name_len > 65535
        || value_len > 16 * 1024 * 1024)
    {
        return 0;
    }

    for (i = 0; i < name_len; i++) {
        ch = name[i];

        if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
            || (ch >= '0' && ch <= '9') || ch == '-' || ch == '_'
            || (ch > ' ' && ch < 0x7f && ngx_strchr("!#$%&'*+.^`|~", ch)))
        {
            continue;
        }

        return 0;
    }

    for (i = 0; value && i < value_len; i++) {
        ch = value[i];

        if ((ch < ' ' && ch != '\t') || ch == 0x7f) {
            return 0;
        }
    }

    return 1;
}


/* NULL is no value: the fields of that name go. */

ngx_int_t
ngx_http_outrider_list_set(ngx_pool_t *pool, ngx_list_t *list, u_char *name,
    size_t name_len, u_char *value, size_t value_len, ngx_uint_t add,
    ngx_table_elt_t **set)
{
    u_char           *p;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *found;

    found = NULL;

    for (part = &list->part; part && !(add && value); part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0 || h[i].key.len != name_len
                || ngx_strncasecmp(h[i].key.data, name, name_len) != 0)
            {
                continue;
            }

            if (value && found == NULL) {
                found = &h[i];
                found->value.data = value;
                found->value.len = value_len;

            } else {
                h[i].hash = 0;
            }
        }
    }

    if (set) {
        *set = value ? found : NULL;
    }

    if (value == NULL || found) {
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, name_len * 2);
    if (p == NULL) {
        return NGX_ERROR;
    }

    h = ngx_list_push(list);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->key.data = p;
    h->key.len = name_len;
    ngx_memcpy(p, name, name_len);

    h->lowcase_key = p + name_len;
    h->hash = ngx_hash_strlow(h->lowcase_key, p, name_len);

    if (h->hash == 0) {
        h->hash = 1;
    }

    h->value.data = value;
    h->value.len = value_len;

    if (set) {
        *set = h;
    }

    return NGX_OK;
}


static size_t
ngx_http_outrider_fields(ngx_http_outrider_ctx_t *ctx, uint32_t map,
    ngx_outrider_field_t *fields)
{
    switch (map) {

    case NGX_OUTRIDER_REQUEST_HEADERS:
        return ngx_http_outrider_request_fields(ctx, fields);

    case NGX_OUTRIDER_RESPONSE_HEADERS:
        return ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_in
               ? ngx_http_outrider_response_fields(ctx, fields) : 0;

    case NGX_OUTRIDER_RESPONSE_TRAILERS:
        return ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].trailers_in
               ? ngx_http_outrider_trailer_fields(ctx, fields) : 0;

    default:
        /* nginx reads past the trailers of requests */
        return 0;
    }
}


static bool
ngx_http_outrider_has_map(ngx_http_outrider_ctx_t *ctx, uint32_t map)
{
    switch (map) {

    case NGX_OUTRIDER_REQUEST_HEADERS:
        return true;

    case NGX_OUTRIDER_RESPONSE_HEADERS:
        return ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_in;

    case NGX_OUTRIDER_RESPONSE_TRAILERS:
        return ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].trailers_in;

    default:
        return false;
    }
}


static void
ngx_http_outrider_lend(ngx_outrider_text_t *result, u_char *data, size_t len)
{
    result->data = data;
    result->len = len;
}


/* The nth value of a header and how many there are, without a copy of all of them. */

static size_t
ngx_http_outrider_get(ngx_http_outrider_ctx_t *ctx, uint32_t map,
    ngx_outrider_text_t key, size_t index, ngx_outrider_text_t *results,
    ngx_uint_t all)
{
    size_t                 n, count, found;
    ngx_int_t              rc;
    ngx_str_t              value;
    ngx_uint_t             i;
    ngx_list_part_t       *part;
    ngx_table_elt_t       *h;
    ngx_outrider_field_t   fields[64], *field;

    if (map == NGX_OUTRIDER_REQUEST_HEADERS) {

        rc = ngx_http_outrider_request_get(ctx, key.data, key.len, &value);

        if (rc == NGX_OK) {
            if (index == 0) {
                ngx_http_outrider_lend(results, value.data, value.len);
            }

            return 1;
        }

        if (rc == NGX_DECLINED) {
            return 0;
        }

        found = 0;

        for (part = &ctx->request->headers_in.headers.part;
             part;
             part = part->next)
        {
            h = part->elts;

            for (i = 0; i < part->nelts; i++) {
                if (h[i].hash && h[i].key.len == key.len
                    && ngx_strncasecmp(h[i].key.data, key.data, key.len) == 0)
                {
                    if (all) {
                        ngx_http_outrider_lend(&results[found],
                                               h[i].value.data,
                                               h[i].value.len);

                    } else if (found == index) {
                        ngx_http_outrider_lend(results, h[i].value.data,
                                               h[i].value.len);
                    }

                    found++;
                }
            }
        }

        return found;
    }

    count = ngx_http_outrider_fields(ctx, map, NULL);

    if (count == 0) {
        return 0;
    }

    field = fields;

    if (count > 64) {
        field = ngx_palloc(ctx->request->pool,
                           count * sizeof(ngx_outrider_field_t));
        if (field == NULL) {
            return 0;
        }
    }

    count = ngx_http_outrider_fields(ctx, map, field);
    found = 0;

    for (n = 0; n < count; n++) {
        if (field[n].name_len == key.len
            && ngx_strncasecmp(field[n].name, key.data, key.len) == 0)
        {
            if (all) {
                ngx_http_outrider_lend(&results[found], field[n].value,
                                       field[n].value_len);

            } else if (found == index) {
                ngx_http_outrider_lend(results, field[n].value,
                                       field[n].value_len);
            }

            found++;
        }
    }

    return found;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_header)(void *host, uint32_t map,
    ngx_outrider_text_t key, ngx_outrider_text_t *result, size_t index,
    size_t *count)
{
    size_t                       n;
    ngx_http_outrider_filter_t  *f;

    ngx_http_outrider_lend(result, NULL, 0);

    if (count) {
        *count = 0;
    }

    f = ngx_http_outrider_find(host);

    if (f == NULL || key.data == NULL || key.len == 0) {
        return false;
    }

    n = ngx_http_outrider_get(f->ctx, map, key, index, result, 0);

    if (count) {
        *count = n;
    }

    return index < n;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_header_values)(void *host, uint32_t map,
    ngx_outrider_text_t key, ngx_outrider_text_t *results)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || key.data == NULL || key.len == 0
        || !ngx_http_outrider_has_map(f->ctx, map))
    {
        return false;
    }

    (void) ngx_http_outrider_get(f->ctx, map, key, 0, results, 1);

    return true;
}


size_t
NGX_OUTRIDER_CALLBACK(http_get_headers_size)(void *host, uint32_t map)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f ? ngx_http_outrider_fields(f->ctx, map, NULL) : 0;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_headers)(void *host, uint32_t map,
    ngx_outrider_field_t *results)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || !ngx_http_outrider_has_map(f->ctx, map)) {
        return false;
    }

    (void) ngx_http_outrider_fields(f->ctx, map, results);

    return true;
}


static bool
ngx_http_outrider_change(void *host, uint32_t map, ngx_outrider_text_t key,
    ngx_outrider_text_t value, ngx_uint_t add)
{
    ngx_int_t                    rc;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || key.data == NULL || key.len == 0 || f->ctx->closed
        || key.len > 65535 || value.len > 16 * 1024 * 1024
        || !ngx_http_outrider_has_map(f->ctx, map))
    {
        return false;
    }

    switch (map) {

    case NGX_OUTRIDER_REQUEST_HEADERS:
        rc = ngx_http_outrider_request_set(f->ctx, key.data, key.len,
                                           value.data, value.len, add);
        break;

    case NGX_OUTRIDER_RESPONSE_HEADERS:
        rc = ngx_http_outrider_response_set(f->ctx, key.data, key.len,
                                            value.data, value.len, add);
        break;

    default:
        rc = ngx_http_outrider_trailer_set(f->ctx, key.data, key.len,
                                           value.data, value.len, add);
        break;
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_INFO, f->ctx->request->connection->log, 0,
                      "outrider: a module cannot set \"%*s\" here, or not to "
                      "that", key.len, key.data);
    }

    return rc == NGX_OK;
}


bool
NGX_OUTRIDER_CALLBACK(http_set_header)(void *host, uint32_t map,
    ngx_outrider_text_t key, ngx_outrider_text_t value)
{
    return ngx_http_outrider_change(host, map, key, value, 0);
}


bool
NGX_OUTRIDER_CALLBACK(http_add_header)(void *host, uint32_t map,
    ngx_outrider_text_t key, ngx_outrider_text_t value)
{
    return ngx_http_outrider_change(host, map, key, value, 1);
}
