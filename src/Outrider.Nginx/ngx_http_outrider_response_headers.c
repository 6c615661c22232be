
/*
 * A response's headers where nginx has them: some in its list, some as numbers
 * and strings of their own that its header filter writes, which are shown as
 * the fields that they will be.
 */


#include "ngx_http_outrider_fields.h"


#define NGX_HTTP_OUTRIDER_TIME_LEN  (sizeof("Mon, 28 Sep 1970 06:00:00 GMT") - 1)


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


ngx_str_t
ngx_http_outrider_status_text(ngx_http_outrider_ctx_t *ctx)
{
    ngx_str_t   text;
    ngx_uint_t  status;

    status = ctx->request->headers_out.status;

    text.data = ctx->status_text;
    text.len = 3;

    if (status < 100 || status > 999) {
        text.len = ngx_sprintf(text.data, "%ui", status) - text.data;
        return text;
    }

    text.data[0] = (u_char) ('0' + status / 100);
    text.data[1] = (u_char) ('0' + status / 10 % 10);
    text.data[2] = (u_char) ('0' + status % 10);

    return text;
}


size_t
ngx_http_outrider_response_fields(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_field_t *fields)
{
    size_t                   n;
    u_char                  *p;
    ngx_str_t                status;
    ngx_uint_t               i;
    ngx_list_part_t         *part;
    ngx_table_elt_t         *h;
    ngx_http_request_t      *r;
    ngx_http_headers_out_t  *out;

    r = ctx->request;
    out = &r->headers_out;
    n = 0;

    status = ngx_http_outrider_status_text(ctx);
    ngx_http_outrider_store(fields, n++, ":status", status.data, status.len);

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


/* Is it one of those that do not stand in nginx's list, or not always? */

ngx_uint_t
ngx_http_outrider_response_made(u_char *name, size_t len)
{
    return name[0] == ':'
           || ngx_http_outrider_is(name, len, "content-type")
           || ngx_http_outrider_is(name, len, "content-length")
           || ngx_http_outrider_is(name, len, "last-modified");
}


/* Where nginx keeps a pointer to a header; NULL where it keeps none. */

static ngx_table_elt_t **
ngx_http_outrider_response_slot(ngx_http_headers_out_t *out, u_char *name,
    size_t len)
{
#define ngx_outrider_slot(known, member)                                      \
    if (ngx_http_outrider_is(name, len, known)) {                             \
        return &out->member;                                                  \
    }

    ngx_outrider_slot("server", server)
    ngx_outrider_slot("date", date)
    ngx_outrider_slot("content-encoding", content_encoding)
    ngx_outrider_slot("location", location)
    ngx_outrider_slot("etag", etag)
    ngx_outrider_slot("accept-ranges", accept_ranges)
    ngx_outrider_slot("content-range", content_range)
    ngx_outrider_slot("www-authenticate", www_authenticate)
    ngx_outrider_slot("expires", expires)
    ngx_outrider_slot("last-modified", last_modified)

#undef ngx_outrider_slot

    return NULL;
}


ngx_int_t
ngx_http_outrider_response_set(ngx_http_outrider_ctx_t *ctx, u_char *name,
    size_t name_len, u_char *value, size_t value_len, ngx_uint_t add)
{
    off_t                       length;
    ngx_int_t                   rc;
    ngx_table_elt_t           **slot;
    ngx_http_request_t         *r;
    ngx_http_headers_out_t     *out;
    ngx_http_outrider_field_t   field;

    r = ctx->request;
    out = &r->headers_out;

    if (ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_sent) {
        return NGX_DECLINED;
    }

    if (ngx_http_outrider_is_pseudo(name, name_len, ":status")) {
        return value ? ngx_http_outrider_set_status(r, value, value_len)
                     : NGX_DECLINED;
    }

    rc = ngx_http_outrider_field_read(r->pool, &field, name, name_len, value,
                                      value_len);
    if (rc != NGX_OK) {
        return rc;
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

    if (ngx_http_outrider_is(name, name_len, "content-type")) {
        return ngx_http_outrider_set_type(r, field.value.data,
                                          field.value.len);
    }

    if (ngx_http_outrider_list_set(&out->headers, &field, add) != NGX_OK) {
        return NGX_ERROR;
    }

    slot = ngx_http_outrider_response_slot(out, name, name_len);

    if (slot) {
        *slot = field.element;

        if (slot == &out->last_modified) {
            out->last_modified_time = -1;
        }
    }

    return NGX_OK;
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
    ngx_int_t                   rc;
    ngx_http_request_t         *r;
    ngx_http_outrider_field_t   field;

    r = ctx->request;

    /* RFC 9110, 6.5.1: no framing, no routing */

    if (name[0] == ':'
        || ngx_http_outrider_is(name, name_len, "content-length")
        || ngx_http_outrider_is(name, name_len, "host")
        || ngx_http_outrider_is(name, name_len, "trailer"))
    {
        return NGX_DECLINED;
    }

    rc = ngx_http_outrider_field_read(r->pool, &field, name, name_len, value,
                                      value_len);
    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_outrider_list_set(&r->headers_out.trailers, &field, add);
}
