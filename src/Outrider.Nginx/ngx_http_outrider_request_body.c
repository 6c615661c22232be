
/*
 * Request bodies.  Whoever reads a body, the content's handler or we in the
 * phase where a filter waits for it, reads it through this filter.
 */


#include "ngx_http_outrider.h"


static ngx_http_request_body_filter_pt  ngx_http_next_request_body_filter;


ngx_uint_t
ngx_http_outrider_has_body(ngx_http_request_t *r)
{
    return r->headers_in.content_length_n > 0 || r->headers_in.chunked;
}


/* nginx cannot wait here in HTTP/2, nor with a full buffer: what it brings is kept. */

static ngx_int_t
ngx_http_outrider_keep(ngx_http_outrider_ctx_t *ctx)
{
    ngx_buf_t                 *b;
    ngx_chain_t               *cl;
    ngx_http_outrider_side_t  *side;
    ngx_http_outrider_pass_t  *pass;

    side = &ctx->side[NGX_HTTP_OUTRIDER_REQUEST];
    pass = &ctx->first->pass[NGX_HTTP_OUTRIDER_REQUEST];

    while (side->in) {

        cl = side->in;
        b = cl->buf;

#if (NGX_HTTP_V2)
        if (ctx->request->stream == NULL
            && pass->in.len + (b->last - b->pos) > ctx->buffer_limit)
        {
            ctx->request->request_body->filter_need_buffering = 1;
            return NGX_OK;
        }
#endif

        if (pass->in.len + (b->last - b->pos) > ctx->buffer_limit) {
            ngx_http_outrider_reply_with(ctx,
                                         NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                         "Payload Too Large",
                                         "request_payload_too_large");
            return NGX_DONE;
        }

        side->in = cl->next;
        ngx_free_chain(ctx->request->pool, cl);

        if (ngx_http_outrider_body_append(&pass->in, b->pos, b->last - b->pos)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (b->last_buf) {
            side->end_in = 1;
            pass->end_in = 1;
        }

        b->pos = b->last;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_request_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                  rc;
    ngx_chain_t               *cl;
    ngx_http_outrider_ctx_t   *ctx;
    ngx_http_outrider_side_t  *side;

    if (r != r->main) {
        return ngx_http_next_request_body_filter(r, in);
    }

    ctx = ngx_http_outrider_get_ctx(r);

    if (ctx == NULL || ctx->first == NULL) {
        return ngx_http_next_request_body_filter(r, in);
    }

    side = &ctx->side[NGX_HTTP_OUTRIDER_REQUEST];

    if (side->bypass || side->end_sent) {
        return ngx_http_next_request_body_filter(r, in);
    }

    if (ctx->reply || ctx->reset || ctx->pieces || ctx->streaming
        || ctx->replying)
    {
        goto drop;
    }

    if (in && ngx_chain_add_copy(r->pool, &side->in, in) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_outrider_feed(ctx, NGX_HTTP_OUTRIDER_REQUEST);

    if (rc == NGX_OK && side->in) {
        rc = ngx_http_outrider_keep(ctx);
    }

    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_DONE) {
        ngx_http_outrider_ask(ctx);
        goto drop;
    }

    return ngx_http_outrider_flush_request(ctx);

drop:

    /* the answer is made when nginx has left this function's callers */

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
    }

    side->in = NULL;

    return NGX_OK;
}


/*
 * What the filters let pass goes to nginx, which keeps it for the upstream.
 * The length that is announced there is that of the body as it is.
 */

ngx_int_t
ngx_http_outrider_flush_request(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_buf_t                 *b;
    ngx_chain_t               *out;
    ngx_http_request_t        *r;
    ngx_http_outrider_side_t  *side;

    r = ctx->request;
    side = &ctx->side[NGX_HTTP_OUTRIDER_REQUEST];

    if (side->end_out && !side->end_sent
        && side->announced != -1 && side->announced != side->passed)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "outrider: content-length says %O bytes, the filters "
                      "made them %s", side->announced,
                      side->passed > side->announced ? "more" : "fewer");
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (side->end_out && (side->end_sent == 0 || side->out)) {

        if (!side->end_sent) {
            b = ngx_http_outrider_out_special(ctx, side);
            if (b == NULL) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            b->last_buf = 1;
            side->end_sent = 1;
        }

        if (side->modified || side->passed != r->headers_in.content_length_n) {

            if (r->request_body_no_buffering && !r->headers_in.chunked
                && side->passed != r->headers_in.content_length_n)
            {
                /* its head has gone out, with another length */

                ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                              "outrider: filters made a body of %O bytes of "
                              "one whose length, %O, is announced already",
                              side->passed, r->headers_in.content_length_n);
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            r->headers_in.content_length_n = side->passed;

            if (r->headers_in.content_length) {
                ctx->request_dirty = 1;
                ngx_http_outrider_request_sync(ctx);
            }
        }
    }

    out = ngx_http_outrider_take_out(ctx, NGX_HTTP_OUTRIDER_REQUEST);

    rc = ngx_http_next_request_body_filter(r, out);

    ngx_http_outrider_update(ctx, side, &out);

    return rc;
}


/* What a filter waits for is there, or nginx has read all that there is. */

static void
ngx_http_outrider_body_handler(ngx_http_request_t *r)
{
    ngx_http_outrider_ctx_t  *ctx;

    ctx = ngx_http_outrider_get_ctx(r);

    ctx->body_read = 1;

    if (!ctx->reading) {
        return;
    }

    ctx->reading = 0;
    ctx->waiting = 0;

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}


static void
ngx_http_outrider_read_handler(ngx_http_request_t *r)
{
    ngx_event_t              *rev;
    ngx_http_outrider_ctx_t  *ctx;

    ctx = ngx_http_outrider_get_ctx(r);
    rev = r->connection->read;

    if (r->request_body->rest == 0
        && ngx_http_outrider_blocked(ctx, NGX_HTTP_OUTRIDER_REQUEST))
    {
        /* the client has sent all: it is a filter that takes its time */

        rev->timedout = 0;

        if (rev->timer_set) {
            ngx_del_timer(rev);
        }

        ngx_http_test_reading(r);
        return;
    }

    ctx->read_body(r);
}


/*
 * Reads the body in the phase: NGX_OK when all of it was there, NGX_DONE when
 * the phases must wait.
 */

ngx_int_t
ngx_http_outrider_read_body(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ctx->body_read || r->request_body) {
        ctx->body_read = 1;
        return NGX_OK;
    }

    ctx->reading = 0;

    /* a filter that stops at the head wants the body first, whoever may want it then */
    r->request_body_no_buffering = 0;

    rc = ngx_http_read_client_request_body(r, ngx_http_outrider_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    /* the phases hold the request, as at any other wait */
    r->main->count--;

    if (ctx->body_read) {

        if (ctx->side[NGX_HTTP_OUTRIDER_REQUEST].out) {
            return ngx_http_outrider_flush_request(ctx);
        }

        return NGX_OK;
    }

    ctx->reading = 1;
    ctx->waiting = 1;
    ctx->read_body = r->read_event_handler;

    r->read_event_handler = ngx_http_outrider_read_handler;
    r->write_event_handler = ngx_http_request_empty_handler;

    return NGX_DONE;
}


ngx_int_t
ngx_http_outrider_request_body_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_request_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_http_outrider_request_body_filter;

    return NGX_OK;
}
