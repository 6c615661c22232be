
/*
 * Answers of the filters' own that are made whole.
 */


#include "ngx_http_outrider_reply.h"


ngx_int_t
ngx_http_outrider_copy_fields(ngx_pool_t *pool, ngx_array_t *to,
    ngx_outrider_field_t *fields, size_t n)
{
    size_t                 i;
    u_char                *p;
    ngx_outrider_field_t  *field;

    if (ngx_array_init(to, pool, n ? n : 1, sizeof(ngx_outrider_field_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        if (fields[i].name == NULL || fields[i].name_len > 65536
            || fields[i].value_len > 1024 * 1024)
        {
            continue;
        }

        p = ngx_pnalloc(pool, fields[i].name_len + fields[i].value_len + 1);
        if (p == NULL) {
            return NGX_ERROR;
        }

        field = ngx_array_push(to);

        field->name = p;
        field->name_len = fields[i].name_len;
        p = ngx_cpymem(p, fields[i].name, fields[i].name_len);

        field->value = p;
        field->value_len = fields[i].value ? fields[i].value_len : 0;
        ngx_memcpy(p, fields[i].value, field->value_len);
    }

    return NGX_OK;
}


/* The reply's head stands in r->headers_out, and nothing else does. */

ngx_int_t
ngx_http_outrider_write_head(ngx_http_outrider_ctx_t *ctx, ngx_uint_t status,
    ngx_array_t *fields, ngx_uint_t with_length)
{
    ngx_uint_t             i;
    ngx_http_request_t    *r;
    ngx_outrider_field_t  *field;

    r = ctx->request;

    ngx_http_clean_header(r);
    r->err_status = 0;
    r->header_only = 0;

    if (status < 200 || status > 599) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "outrider: a module answers with the status %ui",
                      status);
        status = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = status;

    field = fields->elts;

    for (i = 0; i < fields->nelts; i++) {

        if (field[i].name_len == 0 || field[i].name[0] == ':'
            || (!with_length
                && field[i].name_len == sizeof("content-length") - 1
                && ngx_strncasecmp(field[i].name, (u_char *) "content-length",
                                   sizeof("content-length") - 1)
                   == 0))
        {
            continue;
        }

        if (ngx_http_outrider_response_set(ctx, field[i].name,
                                           field[i].name_len, field[i].value,
                                           field[i].value_len, 1)
            == NGX_ERROR)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_outrider_reply_head(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_request_t         *r;
    ngx_http_outrider_reply_t  *reply;

    r = ctx->request;
    reply = ctx->reply;

    if (ngx_http_outrider_reply_to_grpc(r, reply) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_outrider_write_head(ctx, reply->status, &reply->fields, 0)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->details = reply->details;

    if (reply->status == NGX_HTTP_NO_CONTENT
        || reply->status == NGX_HTTP_NOT_MODIFIED
        || reply->status == 205)
    {
        reply->body.len = 0;
        ngx_http_clear_content_length(r);
        return NGX_OK;
    }

    if (reply->body.len && r->headers_out.content_type.len == 0) {
        ngx_str_set(&r->headers_out.content_type, "text/plain");
        r->headers_out.content_type_len = r->headers_out.content_type.len;
        r->headers_out.content_type_lowcase = NULL;
    }

    ngx_http_clear_content_length(r);
    r->headers_out.content_length_n = reply->body.len;

    return NGX_OK;
}


/* From the request's phases, as "return" does it. */

ngx_int_t
ngx_http_outrider_send_reply(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_buf_t                  *b;
    ngx_chain_t                 out;
    ngx_http_request_t         *r;
    ngx_http_outrider_reply_t  *reply;

    r = ctx->request;
    reply = ctx->reply;

    if (reply == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_discard_request_body(r) != NGX_OK) {
        r->keepalive = 0;
    }

    rc = ngx_http_outrider_reply_head(ctx);

    ctx->reply = NULL;
    ctx->replying = 1;

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = reply->body.data;
    b->last = reply->body.data + reply->body.len;
    b->memory = reply->body.len ? 1 : 0;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


/* An answer that this module makes for a filter. */

void
ngx_http_outrider_reply_with(ngx_http_outrider_ctx_t *ctx, ngx_uint_t status,
    const char *body, const char *details)
{
    ngx_http_outrider_reply_t  *reply;

    reply = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_outrider_reply_t));

    if (reply == NULL
        || ngx_array_init(&reply->fields, ctx->request->pool, 1,
                          sizeof(ngx_outrider_field_t))
           != NGX_OK)
    {
        ctx->reset = 1;
        return;
    }

    reply->status = status;
    reply->body.data = (u_char *) body;
    reply->body.len = ngx_strlen(body);
    reply->details.data = (u_char *) details;
    reply->details.len = ngx_strlen(details);

    ctx->reply = reply;
}


void
NGX_OUTRIDER_CALLBACK(http_send_response)(void *host, uint32_t status,
    ngx_outrider_field_t *fields, size_t n, ngx_outrider_text_t body,
    ngx_outrider_text_t details)
{
    ngx_pool_t                  *pool;
    ngx_http_outrider_ctx_t     *ctx;
    ngx_http_outrider_filter_t  *f;
    ngx_http_outrider_reply_t   *reply;

    f = ngx_http_outrider_find(host);

    if (f == NULL || f->ctx->closed || f->ctx->reply || f->ctx->pieces) {
        return;
    }

    ctx = f->ctx;
    pool = ctx->request->pool;

    reply = ngx_pcalloc(pool, sizeof(ngx_http_outrider_reply_t));
    if (reply == NULL) {
        goto failed;
    }

    reply->status = status;

    if (ngx_http_outrider_copy_fields(pool, &reply->fields, fields, n)
        != NGX_OK)
    {
        goto failed;
    }

    if (body.data && body.len) {
        reply->body.data = ngx_pnalloc(pool, body.len);
        if (reply->body.data == NULL) {
            goto failed;
        }

        ngx_memcpy(reply->body.data, body.data, body.len);
        reply->body.len = body.len;
    }

    if (details.data && details.len) {
        reply->details.data = ngx_pnalloc(pool, details.len);
        if (reply->details.data == NULL) {
            goto failed;
        }

        ngx_memcpy(reply->details.data, details.data, details.len);
        reply->details.len = details.len;
    }

    ctx->reply = reply;
    f->answered = 1;

    ngx_http_outrider_ask(ctx);
    return;

failed:

    ctx->reset = 1;
    ngx_http_outrider_ask(ctx);
}
