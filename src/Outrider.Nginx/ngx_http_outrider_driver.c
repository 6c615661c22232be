
/*
 * A message's way through the filters: head, body piece by piece, trailers,
 * filter after filter; requests in the order of the configuration, responses in
 * the reverse one, as Envoy has it.  A filter that stops is waited for; what
 * comes meanwhile stays with nginx as far as nginx can wait, and is kept here as
 * far as it cannot.
 *
 * Whatever a library asks for in a hook (an answer, "continue", a reset) is
 * done when the hook has returned, so that no hook runs within another of the
 * same filter.
 */


#include "ngx_http_outrider.h"


#define ngx_http_outrider_following(f, d)                                     \
    ((d) == NGX_HTTP_OUTRIDER_REQUEST ? (f)->next : (f)->prev)

/* has a filter put an end to the message, with an answer or without? */
#define ngx_http_outrider_is_over(ctx)                                        \
    ((ctx)->reply || (ctx)->reset || (ctx)->closed                            \
     || ((ctx)->pieces && !(ctx)->streaming))


static ngx_http_outrider_filter_t *
ngx_http_outrider_head_of(ngx_http_outrider_ctx_t *ctx, ngx_uint_t d)
{
    return d == NGX_HTTP_OUTRIDER_REQUEST ? ctx->first : ctx->last;
}


/* What a filter lets pass goes to the following one, or out. */

static void
ngx_http_outrider_pass_head(ngx_http_outrider_filter_t *f, ngx_uint_t d)
{
    ngx_http_outrider_filter_t  *next;

    if (f->pass[d].head_out) {
        return;
    }

    f->pass[d].head_out = 1;
    f->pass[d].holds = 0;

    next = ngx_http_outrider_following(f, d);

    if (next) {
        next->pass[d].head_in = 1;

    } else {
        f->ctx->side[d].head_out = 1;
    }
}


static ngx_int_t
ngx_http_outrider_pass_body(ngx_http_outrider_filter_t *f, ngx_uint_t d,
    ngx_http_outrider_body_t *b)
{
    ngx_buf_t                   *buf;
    ngx_http_outrider_side_t    *side;
    ngx_http_outrider_filter_t  *next;

    if (b->len == 0) {
        ngx_http_outrider_body_release(b);
        return NGX_OK;
    }

    next = ngx_http_outrider_following(f, d);

    if (next) {
        return ngx_http_outrider_body_move(&next->pass[d].in, b);
    }

    side = &f->ctx->side[d];
    side->passed += b->len;
    buf = side->buf;

    if (b->start == NULL && buf && b->data + b->len == buf->last
        && !((buf->last_buf || buf->last_in_chain) && side->trailers_in))
    {
        /* nothing was done to it but at its front */

        if (buf->last_buf || buf->last_in_chain) {
            side->end_sent = 1;
        }

        buf->pos = b->data;
        side->buf = NULL;
        ngx_memzero(b, sizeof(ngx_http_outrider_body_t));

        return ngx_http_outrider_out_buf(f->ctx, side, buf);
    }

    return ngx_http_outrider_out_body(f->ctx, side, b);
}


static void
ngx_http_outrider_pass_end(ngx_http_outrider_filter_t *f, ngx_uint_t d,
    ngx_uint_t trailers)
{
    ngx_http_outrider_filter_t  *next;

    if (f->pass[d].end_out) {
        return;
    }

    f->pass[d].end_out = 1;

    next = ngx_http_outrider_following(f, d);

    if (next == NULL) {
        f->ctx->side[d].end_out = 1;

    } else if (trailers) {
        next->pass[d].trailers_in = 1;

    } else {
        next->pass[d].end_in = 1;
    }
}


/* All that a filter has kept goes on. */

static ngx_int_t
ngx_http_outrider_let_go(ngx_http_outrider_filter_t *f, ngx_uint_t d)
{
    ngx_http_outrider_pass_t  *p;

    p = &f->pass[d];

    p->go_on = 0;
    p->stop_all = 0;
    p->stopped = 0;

    ngx_http_outrider_pass_head(f, d);

    if (ngx_http_outrider_pass_body(f, d, &p->held) != NGX_OK) {
        return NGX_ERROR;
    }

    if (p->trailers_seen) {
        ngx_http_outrider_pass_end(f, d, 1);

    } else if (p->end_seen) {
        ngx_http_outrider_pass_end(f, d, 0);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_step_head(ngx_http_outrider_filter_t *f, ngx_uint_t d)
{
    void                      *outer;
    uint32_t                   status;
    ngx_uint_t                 end;
    ngx_outrider_hooks_t      *h;
    ngx_http_outrider_pass_t  *p;

    p = &f->pass[d];
    h = &f->use->library->hooks;

    p->head_seen = 1;
    end = p->end_in && p->in.len == 0;
    p->end_seen = end;

    status = NGX_OUTRIDER_HEADERS_CONTINUE;

    /* a library is not asked about an answer of its own */

    if (d == NGX_HTTP_OUTRIDER_RESPONSE) {
        p->unseen = f->answered
                    || !(f->use->needs & NGX_OUTRIDER_NEEDS_RESPONSE);
    }

    if (h->headers[d] && !p->unseen) {
        outer = ngx_http_outrider_enter(f);
        status = h->headers[d](f->host, f->module, end);
        ngx_http_outrider_leave(f, outer);

        if (ngx_http_outrider_is_over(f->ctx)) {
            return NGX_DONE;
        }
    }

    if (status == NGX_OUTRIDER_HEADERS_CONTINUE || p->go_on) {

        p->unseen |= d == NGX_HTTP_OUTRIDER_RESPONSE
                     && status == NGX_OUTRIDER_HEADERS_CONTINUE
                     && !(f->use->needs & NGX_OUTRIDER_NEEDS_RESPONSE_BODY);

        return ngx_http_outrider_let_go(f, d);
    }

    if (status == NGX_OUTRIDER_HEADERS_CONTINUE_OPEN) {
        ngx_http_outrider_pass_head(f, d);
        p->stopped = end;
        return NGX_OK;
    }

    if (status == NGX_OUTRIDER_HEADERS_STOP && !end && h->body[d]) {
        p->holds = 1;
        return NGX_OK;
    }

    p->stop_all = 1;

    return NGX_OK;
}


static void
ngx_http_outrider_too_large(ngx_http_outrider_filter_t *f, ngx_uint_t d)
{
    ngx_http_outrider_body_release(&f->pass[d].held);

    if (d == NGX_HTTP_OUTRIDER_REQUEST) {
        ngx_http_outrider_reply_with(f->ctx, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                     "Payload Too Large",
                                     "request_payload_too_large");
        return;
    }

    ngx_http_outrider_reply_with(f->ctx, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                 "Internal Server Error",
                                 "response_payload_too_large");
}


static ngx_int_t
ngx_http_outrider_step_body(ngx_http_outrider_filter_t *f, ngx_uint_t d)
{
    void                      *outer;
    uint32_t                   status;
    ngx_uint_t                 end;
    ngx_outrider_hooks_t      *h;
    ngx_http_outrider_body_t   piece;
    ngx_http_outrider_pass_t  *p;

    p = &f->pass[d];
    h = &f->use->library->hooks;

    piece = p->in;
    ngx_memzero(&p->in, sizeof(ngx_http_outrider_body_t));

    end = p->end_in;
    p->end_seen = end;

    status = NGX_OUTRIDER_DATA_CONTINUE;

    if (h->body[d] && !p->unseen) {

        /* as Envoy has it, the last piece is with the others when it is told */

        if (end && p->held.len
            && ngx_http_outrider_body_move(&p->held, &piece) != NGX_OK)
        {
            return NGX_ERROR;
        }

        p->piece = &piece;

        outer = ngx_http_outrider_enter(f);
        status = h->body[d](f->host, f->module, end);
        ngx_http_outrider_leave(f, outer);

        p->piece = NULL;

        if (ngx_http_outrider_is_over(f->ctx)) {
            ngx_http_outrider_body_release(&piece);
            return NGX_DONE;
        }
    }

    if (status == NGX_OUTRIDER_DATA_CONTINUE || p->go_on) {

        if (p->held.len == 0) {
            ngx_http_outrider_body_release(&p->held);
            p->held = piece;

        } else if (ngx_http_outrider_body_move(&p->held, &piece) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_outrider_let_go(f, d);
    }

    if (status == NGX_OUTRIDER_DATA_STOP_NO_BUFFER) {
        ngx_http_outrider_body_release(&piece);

    } else if (ngx_http_outrider_body_own(&piece) != NGX_OK
               || ngx_http_outrider_body_move(&p->held, &piece) != NGX_OK)
    {
        return NGX_ERROR;
    }

    p->stopped = end;

    if (p->held.len > f->ctx->buffer_limit) {

        if (status == NGX_OUTRIDER_DATA_STOP_BUFFER) {
            ngx_http_outrider_too_large(f, d);
            return NGX_DONE;
        }

        p->stopped = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_step_trailers(ngx_http_outrider_filter_t *f, ngx_uint_t d)
{
    void                      *outer;
    uint32_t                   status;
    ngx_outrider_hooks_t      *h;
    ngx_http_outrider_pass_t  *p;

    p = &f->pass[d];
    h = &f->use->library->hooks;

    p->trailers_seen = 1;

    status = NGX_OUTRIDER_TRAILERS_CONTINUE;

    if (h->trailers[d] && !p->unseen) {
        outer = ngx_http_outrider_enter(f);
        status = h->trailers[d](f->host, f->module);
        ngx_http_outrider_leave(f, outer);

        if (ngx_http_outrider_is_over(f->ctx)) {
            return NGX_DONE;
        }
    }

    if (status == NGX_OUTRIDER_TRAILERS_CONTINUE || p->go_on) {
        return ngx_http_outrider_let_go(f, d);
    }

    p->stopped = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_step(ngx_http_outrider_filter_t *f, ngx_uint_t d)
{
    ngx_int_t                  rc;
    ngx_http_outrider_pass_t  *p;

    p = &f->pass[d];

    if (!p->head_in) {
        return NGX_OK;
    }

    if (!p->head_seen) {
        rc = ngx_http_outrider_step_head(f, d);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    for ( ;; ) {

        if (p->go_on) {
            rc = ngx_http_outrider_let_go(f, d);

        } else if (p->stop_all || p->stopped) {
            return NGX_OK;

        } else if (p->in.len || (p->end_in && !p->end_seen)) {
            rc = ngx_http_outrider_step_body(f, d);

        } else if (p->trailers_in && !p->trailers_seen) {
            rc = ngx_http_outrider_step_trailers(f, d);

        } else {
            return NGX_OK;
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }
}


/*
 * NGX_OK: all filters have had their turn; NGX_DONE: one of them put an end to
 * the message, which the caller sees to.
 */

ngx_int_t
ngx_http_outrider_pump(ngx_http_outrider_ctx_t *ctx, ngx_uint_t d)
{
    ngx_int_t                    rc;
    ngx_http_outrider_filter_t  *f;

    if (ngx_http_outrider_is_over(ctx)) {
        return NGX_DONE;
    }

    for (f = ngx_http_outrider_head_of(ctx, d);
         f;
         f = ngx_http_outrider_following(f, d))
    {
        rc = ngx_http_outrider_step(f, d);

        if (rc != NGX_OK) {
            break;
        }
    }

    if (f == NULL) {
        rc = NGX_OK;
    }

    /* what was lent goes back to nginx: who still has it needs a copy */

    for (f = ctx->first; f; f = f->next) {
        if (ngx_http_outrider_body_own(&f->pass[d].in) != NGX_OK
            || ngx_http_outrider_body_own(&f->pass[d].held) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return rc;
}


/* Is there a filter that nothing more can be shown to for now? */

ngx_uint_t
ngx_http_outrider_blocked(ngx_http_outrider_ctx_t *ctx, ngx_uint_t d)
{
    ngx_http_outrider_pass_t    *p;
    ngx_http_outrider_filter_t  *f;

    for (f = ctx->first; f; f = f->next) {
        p = &f->pass[d];

        if (p->stop_all || p->stopped || p->in.len) {
            return 1;
        }
    }

    return 0;
}


/*
 * Shows the filters what nginx has brought, buffer by buffer, until one of them
 * has to be waited for.
 */

ngx_int_t
ngx_http_outrider_feed(ngx_http_outrider_ctx_t *ctx, ngx_uint_t d)
{
    ngx_int_t                    rc;
    ngx_buf_t                   *b;
    ngx_chain_t                 *cl;
    ngx_http_outrider_side_t    *side;
    ngx_http_outrider_filter_t  *f;

    side = &ctx->side[d];
    f = ngx_http_outrider_head_of(ctx, d);

    while (side->in && !ngx_http_outrider_blocked(ctx, d)) {

        cl = side->in;
        b = cl->buf;
        side->in = cl->next;
        ngx_free_chain(ctx->request->pool, cl);

        if (b->flush) {
            side->flush = 1;
        }

        if (b->last_buf || b->last_in_chain) {
            side->end_in = 1;

            if (side->trailers_in) {
                f->pass[d].trailers_in = 1;

            } else {
                f->pass[d].end_in = 1;
            }
        }

        side->buf = b;

        if (ngx_buf_in_memory(b)) {
            f->pass[d].in.data = b->pos;
            f->pass[d].in.len = b->last - b->pos;

        } else if (b->in_file) {
            ngx_log_error(NGX_LOG_ALERT, ctx->request->connection->log, 0,
                          "outrider: a body came as a file");
            return NGX_ERROR;
        }

        if (f->pass[d].in.len == 0 && !side->end_in) {
            side->buf = NULL;
            continue;
        }

        rc = ngx_http_outrider_pump(ctx, d);

        if (side->buf) {
            b->pos = b->last;
            side->buf = NULL;
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


ngx_chain_t *
ngx_http_outrider_take_out(ngx_http_outrider_ctx_t *ctx, ngx_uint_t d)
{
    ngx_chain_t               *out;
    ngx_http_outrider_side_t  *side;

    side = &ctx->side[d];

    out = side->out;
    side->out = NULL;
    side->last_out = &side->out;

    return out;
}
