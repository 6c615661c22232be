
/*
 * Method, path and authority of a request, which are headers for a module: what
 * nginx has taken apart of them is taken apart anew.
 */


#include "ngx_http_outrider_fields.h"


static ngx_int_t
ngx_http_outrider_set_method(ngx_http_request_t *r, u_char *data, size_t len)
{
    ngx_uint_t  i;

    static const struct {
        const char  *name;
        ngx_uint_t   method;
    } methods[] = {
        { "GET", NGX_HTTP_GET }, { "HEAD", NGX_HTTP_HEAD },
        { "POST", NGX_HTTP_POST }, { "PUT", NGX_HTTP_PUT },
        { "DELETE", NGX_HTTP_DELETE }, { "MKCOL", NGX_HTTP_MKCOL },
        { "COPY", NGX_HTTP_COPY }, { "MOVE", NGX_HTTP_MOVE },
        { "OPTIONS", NGX_HTTP_OPTIONS }, { "PROPFIND", NGX_HTTP_PROPFIND },
        { "PROPPATCH", NGX_HTTP_PROPPATCH }, { "LOCK", NGX_HTTP_LOCK },
        { "UNLOCK", NGX_HTTP_UNLOCK }, { "PATCH", NGX_HTTP_PATCH },
        { "TRACE", NGX_HTTP_TRACE }
    };

    if (!ngx_http_outrider_method_valid(data, len, r->unparsed_uri.data,
                                        r->unparsed_uri.len))
    {
        return NGX_DECLINED;
    }

    r->method = NGX_HTTP_UNKNOWN;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (len == ngx_strlen(methods[i].name)
            && ngx_memcmp(data, methods[i].name, len) == 0)
        {
            r->method = methods[i].method;
            break;
        }
    }

    r->method_name.data = data;
    r->method_name.len = len;

    return NGX_OK;
}


/* A response is framed for the method that the client knows (RFC 9112, 6.3). */

void
ngx_http_outrider_restore_method(ngx_http_outrider_ctx_t *ctx)
{
    if ((ctx->request->method == NGX_HTTP_HEAD)
        != (ctx->method == NGX_HTTP_HEAD))
    {
        ctx->request->method = ctx->method;
    }
}


static ngx_int_t
ngx_http_outrider_set_path(ngx_http_request_t *r, u_char *data, size_t len)
{
    u_char                    *end;
    ngx_str_t                  uri;
    ngx_http_core_srv_conf_t  *cscf;

    if (!ngx_http_outrider_target_valid(data, len, r->method_name.data,
                                        r->method_name.len))
    {
        return NGX_DECLINED;
    }

    uri = r->uri;

    r->uri_start = data;
    r->uri_end = data + len;
    r->args_start = NULL;
    r->uri_ext = NULL;
    r->complex_uri = 0;
    r->quoted_uri = 0;
    r->plus_in_uri = 0;
    r->state = 0;

    if (data[0] == '/' && ngx_http_parse_uri(r) != NGX_OK) {
        return NGX_DECLINED;
    }

    end = r->args_start ? r->args_start - 1 : r->uri_end;
    r->uri.len = end - r->uri_start;

    if (r->complex_uri || r->quoted_uri) {

        cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

        r->uri.data = ngx_pnalloc(r->pool, r->uri.len + 1);

        if (r->uri.data == NULL
            || ngx_http_parse_complex_uri(r, cscf->merge_slashes) != NGX_OK)
        {
            r->uri = uri;
            return NGX_DECLINED;
        }

    } else {
        r->uri.data = data;
    }

    r->unparsed_uri.data = data;
    r->unparsed_uri.len = len;
    r->valid_unparsed_uri = 1;

    /* what stands in the place of the location's prefix is not known any more */
    r->valid_location = 0;

    ngx_str_null(&r->args);

    if (r->args_start && r->uri_end > r->args_start) {
        r->args.data = r->args_start;
        r->args.len = r->uri_end - r->args_start;
    }

    ngx_http_set_exten(r);

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_set_authority(ngx_http_outrider_ctx_t *ctx, u_char *data,
    size_t len)
{
    size_t                      i;
    u_char                     *p;
    ngx_http_request_t         *r;
    ngx_http_outrider_field_t   field;

    if (!ngx_http_outrider_authority_valid(data, len)) {
        return NGX_DECLINED;
    }

    r = ctx->request;

    if (ngx_http_outrider_field_read(r->pool, &field, (u_char *) "Host", 4,
                                     data, len)
        != NGX_OK
        || ngx_http_outrider_list_set(&r->headers_in.headers, &field, 0)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_in.host = field.element;
    ctx->request_dirty = 1;

    /* without the port; an address in brackets has colons of its own */

    i = len;

    while (i > 0 && data[i - 1] >= '0' && data[i - 1] <= '9') {
        i--;
    }

    if (i > 1 && data[i - 1] == ':'
        && (data[0] == '[' || ngx_strlchr(data, data + i - 1, ':') == NULL))
    {
        len = i - 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_strlow(p, data, len);

    r->headers_in.server.data = p;
    r->headers_in.server.len = len;

    return NGX_OK;
}


ngx_int_t
ngx_http_outrider_set_pseudo(ngx_http_outrider_ctx_t *ctx, u_char *name,
    size_t name_len, u_char *value, size_t value_len)
{
    u_char              *copy;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (value == NULL) {
        return NGX_DECLINED;
    }

    copy = ngx_pnalloc(r->pool, value_len + 1);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, value, value_len);
    copy[value_len] = '\0';

    if (ngx_http_outrider_is_pseudo(name, name_len, ":method")) {
        return ngx_http_outrider_set_method(r, copy, value_len);
    }

    if (ngx_http_outrider_is_pseudo(name, name_len, ":path")) {
        return ngx_http_outrider_set_path(r, copy, value_len);
    }

    if (ngx_http_outrider_is_pseudo(name, name_len, ":authority")
        || ngx_http_outrider_is(name, name_len, "host"))
    {
        return ngx_http_outrider_set_authority(ctx, copy, value_len);
    }

    return NGX_DECLINED;
}
