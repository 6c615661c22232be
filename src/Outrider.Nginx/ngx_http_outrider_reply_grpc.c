
/*
 * What an answer of a filter's own is to a client of gRPC: a status of gRPC in
 * a head without a body (trailers-only; grpc/grpc, doc/PROTOCOL-HTTP2.md), as
 * in the proxy and in Envoy.  nginx itself does nothing of the kind.
 */


#include "ngx_http_outrider_fields.h"
#include "ngx_http_outrider_reply.h"


/* What goes on of a message: a head has a limit, and each byte may take three. */

#define NGX_HTTP_OUTRIDER_GRPC_MESSAGE  2048


static ngx_uint_t ngx_http_outrider_is_grpc(u_char *type, size_t len);
static ngx_str_t ngx_http_outrider_grpc_status(ngx_uint_t status);
static ngx_int_t ngx_http_outrider_grpc_message(ngx_pool_t *pool,
    ngx_str_t *body, ngx_str_t *message);
static ngx_int_t ngx_http_outrider_grpc_field(ngx_array_t *fields, char *name,
    ngx_str_t *value);


ngx_int_t
ngx_http_outrider_reply_to_grpc(ngx_http_request_t *r,
    ngx_http_outrider_reply_t *reply)
{
    ngx_str_t              value;
    ngx_uint_t             i, has_status, has_message;
    ngx_outrider_field_t  *field;

    if (r->headers_in.content_type == NULL
        || !ngx_http_outrider_is_grpc(r->headers_in.content_type->value.data,
                                      r->headers_in.content_type->value.len))
    {
        return NGX_OK;
    }

    has_status = 0;
    has_message = 0;
    field = reply->fields.elts;

    for (i = 0; i < reply->fields.nelts; i++) {

        if (ngx_http_outrider_is(field[i].name, field[i].name_len,
                                 "content-type")
            && ngx_http_outrider_is_grpc(field[i].value, field[i].value_len))
        {
            /* it is gRPC's already */
            return NGX_OK;
        }

        if (ngx_http_outrider_is(field[i].name, field[i].name_len,
                                 "grpc-status"))
        {
            has_status = 1;
        }

        if (ngx_http_outrider_is(field[i].name, field[i].name_len,
                                 "grpc-message"))
        {
            has_message = 1;
        }
    }

    for (i = 0; i < reply->fields.nelts; i++) {

        if (ngx_http_outrider_is(field[i].name, field[i].name_len,
                                 "content-type"))
        {
            field[i].name_len = 0;
        }
    }

    ngx_str_set(&value, "application/grpc");

    if (ngx_http_outrider_grpc_field(&reply->fields, "content-type", &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    value = ngx_http_outrider_grpc_status(reply->status);

    if (!has_status
        && ngx_http_outrider_grpc_field(&reply->fields, "grpc-status", &value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!has_message && reply->body.len
        && (ngx_http_outrider_grpc_message(r->pool, &reply->body, &value)
            != NGX_OK
            || ngx_http_outrider_grpc_field(&reply->fields, "grpc-message",
                                            &value)
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    reply->status = NGX_HTTP_OK;
    reply->body.len = 0;

    return NGX_OK;
}


/* "application/grpc-web" is another protocol, which HTTP's statuses are for. */

static ngx_uint_t
ngx_http_outrider_is_grpc(u_char *type, size_t len)
{
    size_t  n;

    n = sizeof("application/grpc") - 1;

    return len >= n
           && ngx_strncasecmp(type, (u_char *) "application/grpc", n) == 0
           && (len == n || type[n] == '+' || type[n] == ';' || type[n] == ' ');
}


/* Envoy's choice, and that of clients (doc/http-grpc-status-mapping.md). */

static ngx_str_t
ngx_http_outrider_grpc_status(ngx_uint_t status)
{
    static ngx_str_t  unknown = ngx_string("2");
    static ngx_str_t  permission_denied = ngx_string("7");
    static ngx_str_t  unimplemented = ngx_string("12");
    static ngx_str_t  internal = ngx_string("13");
    static ngx_str_t  unavailable = ngx_string("14");
    static ngx_str_t  unauthenticated = ngx_string("16");

    switch (status) {

    case 400:
        return internal;

    case 401:
        return unauthenticated;

    case 403:
        return permission_denied;

    case 404:
        return unimplemented;

    case 429:
    case 502:
    case 503:
    case 504:
        return unavailable;

    default:
        return unknown;
    }
}


/* What is not printable ASCII, and the percent sign itself, as %XX. */

static ngx_int_t
ngx_http_outrider_grpc_message(ngx_pool_t *pool, ngx_str_t *body,
    ngx_str_t *message)
{
    size_t         i, len;
    u_char         c, *p;
    static u_char  hex[] = "0123456789ABCDEF";

    len = ngx_min(body->len, NGX_HTTP_OUTRIDER_GRPC_MESSAGE);

    p = ngx_pnalloc(pool, 3 * len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    message->data = p;

    for (i = 0; i < len; i++) {

        c = body->data[i];

        if (c >= 0x20 && c <= 0x7e && c != '%') {
            *p++ = c;
            continue;
        }

        *p++ = '%';
        *p++ = hex[c >> 4];
        *p++ = hex[c & 0xf];
    }

    message->len = p - message->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_grpc_field(ngx_array_t *fields, char *name, ngx_str_t *value)
{
    ngx_outrider_field_t  *field;

    field = ngx_array_push(fields);
    if (field == NULL) {
        return NGX_ERROR;
    }

    field->name = (u_char *) name;
    field->name_len = ngx_strlen(name);
    field->value = value->data;
    field->value_len = value->len;

    return NGX_OK;
}
