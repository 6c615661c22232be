
/*
 * The callbacks for headers and trailers.  What a getter stores leads into the
 * request's pool: good until the hook returns or the header is set.
 */


#include "ngx_http_outrider_fields.h"


static bool
ngx_http_outrider_has_map(ngx_http_outrider_ctx_t *ctx, uint32_t map)
{
    switch (map) {

    case NGX_OUTRIDER_REQUEST_HEADERS:
        return true;

    case NGX_OUTRIDER_RESPONSE_HEADERS:
        return ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_in;

    case NGX_OUTRIDER_RESPONSE_TRAILERS:
        if (ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].trailers_in) {
            return true;
        }

        ngx_http_outrider_cannot("for trailers of a response",
                                 "there are those of grpc_pass, and those of "
                                 "an answer of a module's own");
        return false;

    default:
        ngx_http_outrider_cannot("for trailers of a request",
                                 "nginx reads past them");
        return false;
    }
}


static size_t
ngx_http_outrider_fields(ngx_http_outrider_ctx_t *ctx, uint32_t map,
    ngx_outrider_field_t *fields)
{
    if (!ngx_http_outrider_has_map(ctx, map)) {
        return 0;
    }

    return map == NGX_OUTRIDER_REQUEST_HEADERS
           ? ngx_http_outrider_request_fields(ctx, fields)
           : map == NGX_OUTRIDER_RESPONSE_HEADERS
           ? ngx_http_outrider_response_fields(ctx, fields)
           : ngx_http_outrider_trailer_fields(ctx, fields);
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
    ngx_str_t              value;
    ngx_http_request_t    *r;
    ngx_outrider_field_t   fields[64], *field;

    r = ctx->request;

    if (map == NGX_OUTRIDER_REQUEST_HEADERS) {

        switch (ngx_http_outrider_request_get(ctx, key.data, key.len, &value)) {

        case NGX_OK:
            if (index == 0) {
                ngx_http_outrider_lend(results, value.data, value.len);
            }

            return 1;

        case NGX_DECLINED:
            return 0;

        default:
            return ngx_http_outrider_list_get(&r->headers_in.headers, key.data,
                                              key.len, index, results, all);
        }
    }

    if (!ngx_http_outrider_has_map(ctx, map)) {
        return 0;
    }

    if (map == NGX_OUTRIDER_RESPONSE_TRAILERS) {
        return ngx_http_outrider_list_get(&r->headers_out.trailers, key.data,
                                          key.len, index, results, all);
    }

    if (ngx_http_outrider_is_pseudo(key.data, key.len, ":status")) {

        if (index == 0) {
            value = ngx_http_outrider_status_text(ctx);
            ngx_http_outrider_lend(results, value.data, value.len);
        }

        return 1;
    }

    if (!ngx_http_outrider_response_made(key.data, key.len)) {
        return ngx_http_outrider_list_get(&r->headers_out.headers, key.data,
                                          key.len, index, results, all);
    }

    /* what nginx makes of numbers and strings of its own */

    count = ngx_http_outrider_response_fields(ctx, NULL);
    field = fields;

    if (count > 64) {
        field = ngx_palloc(r->pool, count * sizeof(ngx_outrider_field_t));
        if (field == NULL) {
            return 0;
        }
    }

    count = ngx_http_outrider_response_fields(ctx, field);
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
