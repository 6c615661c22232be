
/*
 * A response's headers where nginx has them: some in its list, some as numbers
 * and strings of their own that its header filter writes, which are shown as
 * the fields that they will be.
 */


#include "ngx_http_outrider.h"


#define NGX_HTTP_OUTRIDER_TIME_LEN  (sizeof("Mon, 28 Sep 1970 06:00:00 GMT") - 1)


static ngx_uint_t
ngx_http_outrider_is(u_char *name, size_t len, const char *known)
{
    return len == ngx_strlen(known)
           && ngx_strncasecmp(name, (u_char *) known, len) == 0;
}


static void
ngx_http_outrider_store(ngx_outrider_field_t *fields, size_t n,
    const char *name, u_char *value, size_t len)
{
    if (fields) {
        fields[n].name = (u_char *) name;
        fields[n].name_len = ngx_strlen(name);
        fields[n].value = value;
        fields[n].value_len = len;
    }
}


static u_char *
ngx_http_outrider_low_name(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    size_t  i;

    if (h->lowcase_key && h->lowcase_key != h->key.data) {
        return h->lowcase_key;
    }

    for (i = 0; i < h->key.len; i++) {
        if (h->key.data[i] >= 'A' && h->key.data[i] <= 'Z') {
            break;
        }
    }

    if (i == h->key.len) {
        return h->key.data;
    }

    h->lowcase_key = ngx_pnalloc(r->pool, h->key.len);
    if (h->lowcase_key == NULL) {
        return h->key.data;
    }

    ngx_strlow(h->lowcase_key, h->key.data, h->key.len);

    return h->lowcase_key;
}


size_t
ngx_http_outrider_response_fields(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_field_t *fields)
{
    size_t                  n;
    u_char                 *p;
    ngx_uint_t              i;
    ngx_list_part_t        *part;
    ngx_table_elt_t        *h;
    ngx_http_request_t     *r;
    ngx_http_headers_out_t *out;

    r = ctx->request;
    out = &r->headers_out;
    n = 0;

    p = ngx_sprintf(ctx->status_text, "%ui", out->status);
    ngx_http_outrider_store(fields, n++, ":status", ctx->status_text,
                            p - ctx->status_text);

    if (out->content_type.len) {
        ngx_http_outrider_store(fields, n++, "content-type",
                                out->content_type.data, out->content_type.len);
    }

    if (out->content_length_n >= 0) {

        if (fields) {
            p = ngx_pnalloc(r->pool, NGX_OFF_T_LEN);
            if (p) {
                ngx_http_outrider_store(fields, n, "content-length", p,
                                    ngx_sprintf(p, "%O", out->content_length_n)
                                    - p);
            } else {
                ngx_http_outrider_store(fields, n, "content-length", NULL, 0);
            }
        }

        n++;
    }

    if (out->last_modified_time != -1
        && (out->last_modified == NULL || out->last_modified->hash == 0))
    {
        if (fields) {
            p = ngx_pnalloc(r->pool, NGX_HTTP_OUTRIDER_TIME_LEN);
            if (p) {
                (void) ngx_http_time(p, out->last_modified_time);
            }

            ngx_http_outrider_store(fields, n, "last-modified", p,
                                    p ? NGX_HTTP_OUTRIDER_TIME_LEN : 0);
        }

        n++;
    }

    for (part = &out->headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0 || &h[i] == out->content_length) {
                continue;
            }

            if (fields) {
                fields[n].name = ngx_http_outrider_low_name(r, &h[i]);
                fields[n].name_len = h[i].key.len;
                fields[n].value = h[i].value.data;
                fields[n].value_len = h[i].value.len;
            }

            n++;
        }
    }

    return n;
}


static ngx_int_t
ngx_http_outrider_set_status(ngx_http_request_t *r, u_char *value, size_t len)
{
    ngx_int_t  status;

    status = ngx_atoi(value, len);

    if (status < 200 || status > 599) {
        return NGX_DECLINED;
    }

    r->headers_out.status = status;
    r->headers_out.status_line.len = 0;
    r->err_status = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_set_type(ngx_http_request_t *r, u_char *value, size_t len)
{
    u_char  *p;

    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.content_type.data = value;
    r->headers_out.content_type.len = len;
    r->headers_out.content_type_len = len;

    p = value ? ngx_strlchr(value, value + len, ';') : NULL;

    if (p) {
        /* its own parameters: nginx's charset is not for it */
        while (p > value && p[-1] == ' ') {
            p--;
        }

        r->headers_out.content_type_len = p - value;
        r->headers_out.charset.len = 0;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_outrider_response_set(ngx_http_outrider_ctx_t *ctx, u_char *name,
    size_t name_len, u_char *value, size_t value_len, ngx_uint_t add)
{
    off_t                     length;
    u_char                   *copy;
    ngx_uint_t                i;
    ngx_table_elt_t         **slot;
    ngx_http_request_t       *r;
    ngx_http_headers_out_t   *out;

    static const struct {
        const char  *name;
        size_t       offset;
    } known[] = {
        { "server", offsetof(ngx_http_headers_out_t, server) },
        { "date", offsetof(ngx_http_headers_out_t, date) },
        { "content-encoding",
          offsetof(ngx_http_headers_out_t, content_encoding) },
        { "location", offsetof(ngx_http_headers_out_t, location) },
        { "etag", offsetof(ngx_http_headers_out_t, etag) },
        { "accept-ranges", offsetof(ngx_http_headers_out_t, accept_ranges) },
        { "content-range", offsetof(ngx_http_headers_out_t, content_range) },
        { "www-authenticate",
          offsetof(ngx_http_headers_out_t, www_authenticate) },
        { "expires", offsetof(ngx_http_headers_out_t, expires) },
        { "last-modified", offsetof(ngx_http_headers_out_t, last_modified) },
        { NULL, 0 }
    };

    r = ctx->request;
    out = &r->headers_out;

    if (ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_sent) {
        return NGX_DECLINED;
    }

    if (ngx_http_outrider_is(name, name_len, ":status")) {
        return value ? ngx_http_outrider_set_status(r, value, value_len)
                     : NGX_DECLINED;
    }

    if (!ngx_http_outrider_field_valid(name, name_len, value, value_len)
        || ngx_http_outrider_hop_by_hop(name, name_len))
    {
        return NGX_DECLINED;
    }

    if (ngx_http_outrider_is(name, name_len, "content-length")) {

        length = value ? ngx_atoof(value, value_len) : -1;

        if (value && length == NGX_ERROR) {
            return NGX_DECLINED;
        }

        ngx_http_clear_content_length(r);
        out->content_length_n = length;
        ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].length_set = 1;

        return NGX_OK;
    }

    copy = NULL;

    if (value) {
        copy = ngx_pnalloc(r->pool, value_len + 1);
        if (copy == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(copy, value, value_len);
        copy[value_len] = '\0';
    }

    if (ngx_http_outrider_is(name, name_len, "content-type")) {
        return ngx_http_outrider_set_type(r, copy, value ? value_len : 0);
    }

    slot = NULL;

    for (i = 0; known[i].name; i++) {
        if (ngx_http_outrider_is(name, name_len, known[i].name)) {
            slot = (ngx_table_elt_t **) ((char *) out + known[i].offset);
            break;
        }
    }

    if (slot == &out->last_modified) {
        out->last_modified_time = -1;
    }

    return ngx_http_outrider_list_set(r->pool, &out->headers, name, name_len,
                                      copy, value_len, add, slot);
}


size_t
ngx_http_outrider_trailer_fields(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_field_t *fields)
{
    size_t               n;
    ngx_uint_t           i;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h;
    ngx_http_request_t  *r;

    r = ctx->request;
    n = 0;

    for (part = &r->headers_out.trailers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0) {
                continue;
            }

            if (fields) {
                fields[n].name = ngx_http_outrider_low_name(r, &h[i]);
                fields[n].name_len = h[i].key.len;
                fields[n].value = h[i].value.data;
                fields[n].value_len = h[i].value.len;
            }

            n++;
        }
    }

    return n;
}


ngx_int_t
ngx_http_outrider_trailer_set(ngx_http_outrider_ctx_t *ctx, u_char *name,
    size_t name_len, u_char *value, size_t value_len, ngx_uint_t add)
{
    u_char              *copy;
    ngx_http_request_t  *r;

    r = ctx->request;
    copy = NULL;

    /* RFC 9110, 6.5.1: no framing, no routing */

    if (!ngx_http_outrider_field_valid(name, name_len, value, value_len)
        || name[0] == ':'
        || ngx_http_outrider_hop_by_hop(name, name_len)
        || ngx_http_outrider_is(name, name_len, "content-length")
        || ngx_http_outrider_is(name, name_len, "host")
        || ngx_http_outrider_is(name, name_len, "trailer"))
    {
        return NGX_DECLINED;
    }

    if (value) {
        copy = ngx_pnalloc(r->pool, value_len + 1);
        if (copy == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(copy, value, value_len);
    }

    return ngx_http_outrider_list_set(r->pool, &r->headers_out.trailers, name,
                                      name_len, copy, value_len, add, NULL);
}
