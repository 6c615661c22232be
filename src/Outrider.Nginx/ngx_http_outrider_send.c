
/*
 * Responses on their way out: a head that says what its body is, and the body as
 * far as all filters have let it pass.
 */


#include "ngx_http_outrider_response.h"


ngx_http_output_header_filter_pt  ngx_http_outrider_next_header_filter;
ngx_http_output_body_filter_pt    ngx_http_outrider_next_body_filter;


/* All of the response has gone to nginx: what filters ask on the side ends with it. */

static void
ngx_http_outrider_sent(ngx_http_request_t *r)
{
    ngx_http_outrider_ctx_t     *ctx;
    ngx_http_outrider_filter_t  *f;

    ctx = ngx_http_outrider_get_ctx(r);

    if (ctx == NULL || ctx->sent) {
        return;
    }

    ctx->sent = 1;

    for (f = ctx->first; f; f = f->next) {
        if (f->callouts) {
            /* not from within the filters: it may be the end of the request */
            ngx_http_outrider_ask(ctx);
            return;
        }
    }
}


ngx_int_t
ngx_http_outrider_send_head(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_outrider_next_header_filter(r);

    if (r == r->main && r->header_only) {
        ngx_http_outrider_sent(r);
    }

    return rc;
}


ngx_int_t
ngx_http_outrider_send_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t     rc;
    ngx_uint_t    last;
    ngx_chain_t  *cl;

    last = 0;

    for (cl = in; cl; cl = cl->next) {
        last |= cl->buf->last_buf;
    }

    rc = ngx_http_outrider_next_body_filter(r, in);

    if (last && r == r->main) {
        ngx_http_outrider_sent(r);
    }

    return rc;
}


/* RFC 9110, 6.4.1: what has no body whatever it says */

ngx_uint_t
ngx_http_outrider_bodiless(ngx_http_request_t *r)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

    return r->method == NGX_HTTP_HEAD || r->header_only
           || status == NGX_HTTP_NO_CONTENT || status == NGX_HTTP_NOT_MODIFIED
           || (status < 200 && status != 0
               && status != NGX_HTTP_SWITCHING_PROTOCOLS);
}


/*
 * What a response announces is what it has: of a body that is known, its
 * length; of none (RFC 9110, 8.6), nothing that a filter wrote.  A length that a
 * filter wrote of a body stands, and the filters are held to it, whether the
 * body comes behind the head or has come while the head waited.
 */

static void
ngx_http_outrider_fix_head(ngx_http_outrider_ctx_t *ctx)
{
    ngx_uint_t                 status;
    ngx_http_request_t        *r;
    ngx_http_outrider_side_t  *side;

    r = ctx->request;
    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];
    status = r->headers_out.status;

    if (status == NGX_HTTP_NO_CONTENT
        || (status >= 100 && status < 200))
    {
        ngx_http_clear_content_length(r);
        side->drop = (status == NGX_HTTP_NO_CONTENT);

    } else if (status == 205) {
        ngx_http_clear_content_length(r);
        r->headers_out.content_length_n = 0;
        r->headers_out.content_type.len = 0;
        side->drop = 1;

    } else if (status == NGX_HTTP_NOT_MODIFIED || r->method == NGX_HTTP_HEAD) {

        if (side->modified && !side->length_set) {
            ngx_http_clear_content_length(r);
        }

        side->drop = 1;

    } else if (side->end_out && !r->header_only
               && (!side->length_set || side->empty)
               && (side->modified || side->empty
                   || r->headers_out.content_length_n != -1))
    {
        ngx_http_clear_content_length(r);
        r->headers_out.content_length_n = side->passed;
    }

    if (side->drop) {
        r->expect_trailers = 0;
    }

    if (side->modified) {
        ngx_http_clear_accept_ranges(r);
        ngx_http_weak_etag(r);
    }
}


/* Is the body, as far as it is known, as long as it was announced? */

static ngx_uint_t
ngx_http_outrider_is_kept(ngx_http_outrider_ctx_t *ctx, off_t announced)
{
    ngx_http_outrider_side_t  *side;

    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];

    if (side->drop || ctx->request->header_only || announced == -1
        || !(side->modified || side->length_set))
    {
        return 1;
    }

    if (side->passed <= announced
        && !(side->end_out && side->passed < announced))
    {
        return 1;
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "outrider: content-length says %O bytes, "
                  "the filters made them %s",
                  announced, side->passed > announced ? "more" : "fewer");

    return 0;
}


ngx_int_t
ngx_http_outrider_cut(ngx_http_outrider_ctx_t *ctx)
{
    /* what has gone out cannot be taken back: the client must see that it is not whole */

    ctx->request->connection->error = 1;
    ctx->request->keepalive = 0;
    ctx->cut = 1;

    return NGX_ERROR;
}


static void
ngx_http_outrider_set_buffered(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_outrider_side_t  *side;

    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];

    if (side->in || (side->end_in && !side->end_sent)) {
        ctx->request->buffered |= NGX_HTTP_OUTRIDER_BUFFERED;

    } else {
        ctx->request->buffered &= ~NGX_HTTP_OUTRIDER_BUFFERED;
    }
}


void
ngx_http_outrider_consume(ngx_chain_t *cl)
{
    for ( /* void */ ; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }
}


/* Is there nothing of what follows the head that a filter has to see, or has changed? */

static ngx_uint_t
ngx_http_outrider_is_through(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_outrider_side_t    *side;
    ngx_http_outrider_filter_t  *f;

    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];

    if (side->in || side->out || side->end_in || side->modified
        || side->length_set || side->drop)
    {
        return 0;
    }

    for (f = ctx->first; f; f = f->next) {
        if (!f->pass[NGX_HTTP_OUTRIDER_RESPONSE].unseen) {
            return 0;
        }
    }

    return 1;
}


/* Sends what all filters have let pass. */

ngx_int_t
ngx_http_outrider_flush_response(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_buf_t                 *b;
    ngx_chain_t               *out, *cl;
    ngx_http_request_t        *r;
    ngx_http_outrider_side_t  *side;

    r = ctx->request;
    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];

    if (side->head_out && !side->head_sent) {

        ngx_http_outrider_fix_head(ctx);

        if (!ngx_http_outrider_is_kept(ctx, r->headers_out.content_length_n)) {
            if (!ctx->streaming) {
                ngx_http_outrider_reply_with(ctx,
                                             NGX_HTTP_INTERNAL_SERVER_ERROR,
                                             "Internal Server Error",
                                             "response_length_not_kept");
            }

            return ngx_http_outrider_replace(ctx);
        }

        side->head_sent = 1;

        if (ngx_http_outrider_is_through(ctx)) {
            side->through = 1;
            r->filter_need_in_memory = ctx->in_memory;
        }

        rc = ngx_http_outrider_next_header_filter(r);

        if (rc == NGX_ERROR || rc > NGX_OK || side->through) {
            return rc;
        }

        side->announced = r->headers_out.content_length_n;

        if (side->out == NULL && !side->end_out && !side->flush
            && side->in == NULL)
        {
            ngx_http_outrider_set_buffered(ctx);
            return rc;
        }
    }

    if (!side->head_sent) {
        ngx_http_outrider_set_buffered(ctx);
        return NGX_OK;
    }

    if (side->drop || r->header_only) {

        out = ngx_http_outrider_take_out(ctx, NGX_HTTP_OUTRIDER_RESPONSE);
        ngx_http_outrider_consume(out);
        ngx_http_outrider_update(ctx, side, &out);

        if (side->end_out && !side->end_sent && !r->header_only) {
            goto last;
        }

        side->end_sent |= side->end_out;
        ngx_http_outrider_set_buffered(ctx);

        if (side->end_sent) {
            ngx_http_outrider_sent(r);
        }

        return r->header_only ? NGX_OK : ngx_http_outrider_next_body_filter(r, NULL);
    }

    if (!ngx_http_outrider_is_kept(ctx, side->announced)) {
        return ngx_http_outrider_cut(ctx);
    }

last:

    if (side->end_out && !side->end_sent) {

        b = ngx_http_outrider_out_special(ctx, side);
        if (b == NULL) {
            return NGX_ERROR;
        }

        b->last_buf = 1;
        side->end_sent = 1;

    } else if (side->flush && !side->end_sent && side->out == NULL) {

        b = ngx_http_outrider_out_special(ctx, side);
        if (b == NULL) {
            return NGX_ERROR;
        }

        b->flush = 1;
    }

    ngx_http_outrider_set_buffered(ctx);

    out = ngx_http_outrider_take_out(ctx, NGX_HTTP_OUTRIDER_RESPONSE);

    for (cl = out; cl && side->flush; cl = cl->next) {
        if (cl->next == NULL) {
            cl->buf->flush = 1;
        }
    }

    side->flush = 0;

    rc = ngx_http_outrider_send_body(r, out);

    ngx_http_outrider_update(ctx, side, &out);

    if (rc == NGX_OK && (r->buffered & NGX_HTTP_OUTRIDER_BUFFERED)) {
        return NGX_AGAIN;
    }

    return rc;
}
