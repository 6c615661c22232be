
/*
 * What a callout sends: the head that a module describes, as HTTP/1.1, and the
 * body that it writes.
 */


#include "ngx_http_outrider_callout.h"
#include "ngx_http_outrider_fields.h"


static ngx_uint_t
ngx_http_outrider_named_so(ngx_outrider_field_t *field, const char *name)
{
    return field->name_len == ngx_strlen(name)
           && ngx_strncasecmp(field->name, (u_char *) name, field->name_len)
              == 0;
}


/*
 * The request's head but for its length, which is known when the body is.
 * What a module says of method, path and authority becomes the first lines.
 */

uint32_t
ngx_http_outrider_callout_request(ngx_pool_t *pool,
    ngx_http_outrider_callout_t *callout, ngx_outrider_field_t *fields,
    size_t n)
{
    size_t                 i, len;
    u_char                *p;
    ngx_outrider_field_t  *method, *path, *host;

    method = NULL;
    path = NULL;
    host = NULL;
    len = sizeof("  HTTP/1.1" CRLF "Host: " CRLF);

    for (i = 0; i < n; i++) {

        if (fields[i].name == NULL || fields[i].name_len == 0
            || fields[i].value_len > 1024 * 1024
            || fields[i].name_len > 65535)
        {
            return NGX_OUTRIDER_CALLOUT_CANNOT;
        }

        if (ngx_http_outrider_named_so(&fields[i], ":method")) {
            method = &fields[i];

        } else if (ngx_http_outrider_named_so(&fields[i], ":path")) {
            path = &fields[i];

        } else if (ngx_http_outrider_named_so(&fields[i], ":authority")
                   || ngx_http_outrider_named_so(&fields[i], "host"))
        {
            host = &fields[i];
        }

        len += fields[i].name_len + fields[i].value_len + sizeof(": " CRLF);
    }

    if (method == NULL || path == NULL || host == NULL) {
        return NGX_OUTRIDER_CALLOUT_MISSING_HEADERS;
    }

    if (!ngx_http_outrider_method_valid(method->value, method->value_len,
                                        path->value, path->value_len)
        || !ngx_http_outrider_target_valid(path->value, path->value_len,
                                           method->value, method->value_len)
        || !ngx_http_outrider_authority_valid(host->value, host->value_len))
    {
        return NGX_OUTRIDER_CALLOUT_CANNOT;
    }

    callout->no_body = (method->value_len == 4
                        && ngx_strncmp(method->value, "HEAD", 4) == 0);

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return NGX_OUTRIDER_CALLOUT_CANNOT;
    }

    callout->head.data = p;

    p = ngx_cpymem(p, method->value, method->value_len);
    *p++ = ' ';
    p = ngx_cpymem(p, path->value, path->value_len);
    p = ngx_cpymem(p, " HTTP/1.1" CRLF "Host: ",
                   sizeof(" HTTP/1.1" CRLF "Host: ") - 1);
    p = ngx_cpymem(p, host->value, host->value_len);
    *p++ = CR;
    *p++ = LF;

    for (i = 0; i < n; i++) {

        if (fields[i].name[0] == ':'
            || ngx_http_outrider_named_so(&fields[i], "host")
            || ngx_http_outrider_named_so(&fields[i], "content-length")
            || ngx_http_outrider_named_so(&fields[i], "expect")
            || ngx_http_outrider_hop_by_hop(fields[i].name, fields[i].name_len))
        {
            continue;
        }

        if (!ngx_http_outrider_field_valid(fields[i].name, fields[i].name_len,
                                           fields[i].value,
                                           fields[i].value_len))
        {
            return NGX_OUTRIDER_CALLOUT_CANNOT;
        }

        p = ngx_cpymem(p, fields[i].name, fields[i].name_len);
        *p++ = ':';
        *p++ = ' ';
        p = ngx_cpymem(p, fields[i].value, fields[i].value_len);
        *p++ = CR;
        *p++ = LF;
    }

    callout->head.len = p - callout->head.data;

    return NGX_OUTRIDER_CALLOUT_STARTED;
}


ngx_http_outrider_callout_t *
ngx_http_outrider_callout_by(void *host, uint64_t id)
{
    ngx_http_outrider_filter_t   *f;
    ngx_http_outrider_callout_t  *callout;

    f = ngx_http_outrider_find(host);

    for (callout = f ? f->callouts : NULL; callout; callout = callout->next) {
        if (callout->id == id && callout->streamed) {
            return callout;
        }
    }

    return NULL;
}


static bool
ngx_http_outrider_callout_send(void *host, uint64_t id, u_char *data,
    size_t len, ngx_uint_t end)
{
    ngx_http_request_t           *sr;
    ngx_http_outrider_callout_t  *callout;

    callout = ngx_http_outrider_callout_by(host, id);

    if (callout == NULL || callout->whole) {
        return false;
    }

    if (callout->body.len + len > callout->filter->ctx->buffer_limit
        || ngx_http_outrider_body_append(&callout->body, data, len) != NGX_OK)
    {
        return false;
    }

    if (!end) {
        ngx_http_outrider_cannot("http_stream_send_data without an end",
                                 "nginx sends a request when it is whole");
        return true;
    }

    callout->whole = 1;
    sr = callout->request;

    if (ngx_http_post_request(sr, NULL) != NGX_OK) {
        return false;
    }

    ngx_http_outrider_ask(callout->filter->ctx);

    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_stream_send_data)(void *host, uint64_t id,
    ngx_outrider_text_t data, bool end)
{
    return ngx_http_outrider_callout_send(host, id, data.data,
                                          data.data ? data.len : 0, end);
}


/* Trailers have no place in a request whose length is known: it just ends. */

bool
NGX_OUTRIDER_CALLBACK(http_stream_send_trailers)(void *host, uint64_t id,
    ngx_outrider_field_t *trailers, size_t n)
{
    ngx_http_outrider_cannot("http_stream_send_trailers",
                             "a callout's request has a length and no trailers: "
                             "it just ends");

    return ngx_http_outrider_callout_send(host, id, NULL, 0, 1);
}
