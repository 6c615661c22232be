
/*
 * Responses of main requests, from nginx's header and body filters through the
 * filters and on.  A head that a filter keeps is not sent; a body that comes
 * meanwhile stays with nginx.
 */


#include "ngx_http_outrider_response.h"


/*
 * An answer is made here: every filter hears of it before any of them sees it,
 * the one that made it too, in the order of the configuration (as Envoy's
 * DownstreamFilterManager::onLocalReply() has it).
 */

static void
ngx_http_outrider_tell_local(ngx_http_outrider_ctx_t *ctx, ngx_uint_t code)
{
    void                        *outer;
    uint32_t                     status;
    ngx_outrider_text_t          details;
    ngx_outrider_hooks_t        *h;
    ngx_http_outrider_filter_t  *f;

    details.data = ctx->details.data;
    details.len = ctx->details.len;

    for (f = ctx->first; f && !ctx->reset; f = f->next) {
        h = &f->use->library->hooks;

        if (h->local_reply == NULL) {
            continue;
        }

        outer = ngx_http_outrider_enter(f);
        status = h->local_reply(f->host, f->module, code, details, 0);
        ngx_http_outrider_leave(f, outer);

        /* it is being answered already */
        ctx->reply = NULL;

        if (status == NGX_OUTRIDER_REPLY_RESET) {
            ctx->reset = 1;
        }
    }
}


/* An answer of a filter's own takes the response's place, if it can still. */

ngx_int_t
ngx_http_outrider_replace(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_http_outrider_body_t    body;
    ngx_http_outrider_side_t   *side;
    ngx_http_outrider_reply_t  *reply;

    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];
    reply = ctx->reply;

    ctx->reply = NULL;

    if (ctx->reset || reply == NULL || side->head_sent) {
        ctx->reset = 1;
        return ngx_http_outrider_cut(ctx);
    }

    ctx->details = reply->details;
    ctx->local = 1;
    ngx_http_outrider_tell_local(ctx, reply->status);

    if (ctx->reset) {
        return ngx_http_outrider_cut(ctx);
    }

    /* it goes to the client past all filters */

    ngx_http_outrider_release_side(side);
    ngx_http_outrider_consume(side->in);

    side->in = NULL;
    side->out = NULL;
    side->last_out = &side->out;

    ngx_http_outrider_restore_method(ctx);

    ctx->reply = reply;
    rc = ngx_http_outrider_reply_head(ctx);
    ctx->reply = NULL;

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->replying = 1;

    side->head_out = 1;
    side->end_in = 1;
    side->end_out = 1;
    side->end_sent = 0;
    side->bypass = 1;
    side->modified = 0;
    side->passed = reply->body.len;
    side->length_set = 0;

    ngx_memzero(&body, sizeof(ngx_http_outrider_body_t));

    body.data = reply->body.data;
    body.len = reply->body.len;

    if (ngx_http_outrider_out_body(ctx, side, &body) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_outrider_flush_response(ctx);

    return rc;
}


/* The filters have had their turn, or are to have it now. */

static ngx_int_t
ngx_http_outrider_go_on(ngx_http_outrider_ctx_t *ctx, ngx_int_t rc)
{
    if (rc == NGX_DONE) {
        return ngx_http_outrider_replace(ctx);
    }

    if (rc != NGX_OK) {
        return ngx_http_outrider_cut(ctx);
    }

    return ngx_http_outrider_flush_response(ctx);
}


ngx_int_t
ngx_http_outrider_pump_response(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_outrider_pump(ctx, NGX_HTTP_OUTRIDER_RESPONSE);

    if (rc == NGX_OK) {
        rc = ngx_http_outrider_feed(ctx, NGX_HTTP_OUTRIDER_RESPONSE);
    }

    return ngx_http_outrider_go_on(ctx, rc);
}


/* No filter wants to see anything of responses: NGX_DECLINED if one does. */

static ngx_int_t
ngx_http_outrider_pass_by(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_outrider_side_t    *side;
    ngx_http_outrider_pass_t    *pass;
    ngx_http_outrider_filter_t  *f;

    for (f = ctx->first; f; f = f->next) {
        if (!f->answered && f->use->needs) {
            return NGX_DECLINED;
        }
    }

    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];
    side->head_out = 1;
    side->end_out = side->end_in;

    for (f = ctx->first; f; f = f->next) {
        pass = &f->pass[NGX_HTTP_OUTRIDER_RESPONSE];
        pass->unseen = 1;
        pass->head_in = 1;
        pass->head_seen = 1;
        pass->head_out = 1;
        pass->end_in = side->end_in;
        pass->end_seen = side->end_in;
        pass->end_out = side->end_in;
    }

    return NGX_OK;
}


/* The response's head goes to the filters. */

static ngx_int_t
ngx_http_outrider_begin_response(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t                    rc;
    ngx_http_request_t          *r;
    ngx_http_outrider_side_t    *side;
    ngx_http_outrider_pass_t    *pass;
    ngx_http_outrider_filter_t  *f;

    r = ctx->request;
    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];

    side->head_in = 1;

    if (ctx->replying) {
        ngx_http_outrider_restore_method(ctx);
    }

    side->empty = ngx_http_outrider_bodiless(r)
                  || r->headers_out.content_length_n == 0;

    ngx_http_outrider_restore_method(ctx);

    for (f = ctx->first; f; f = f->next) {

        if (!f->pass[NGX_HTTP_OUTRIDER_REQUEST].head_seen) {
            /* it has not seen the request, and does not see the response */
            f->answered = 1;
        }
    }

    pass = &ctx->last->pass[NGX_HTTP_OUTRIDER_RESPONSE];
    pass->head_in = 1;

    if (side->empty) {
        side->end_in = 1;
        pass->end_in = 1;
    }

    ctx->local = ctx->replying || r->err_status;

    /* one that comes piece by piece is not told of, as in Envoy */

    if (ctx->local && !ctx->streaming) {
        ngx_http_outrider_tell_local(ctx, r->headers_out.status);

        if (ctx->reset) {
            return ngx_http_outrider_cut(ctx);
        }
    }

    if (ngx_http_outrider_pass_by(ctx) == NGX_OK) {
        return ngx_http_outrider_flush_response(ctx);
    }

    rc = ngx_http_outrider_pump(ctx, NGX_HTTP_OUTRIDER_RESPONSE);

    if (rc == NGX_OK
        && !side->head_out
        && r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "outrider: a filter waits over a 101 response, which "
                      "nginx cannot: what follows it is a tunnel");
        side->bypass = 1;
        return NGX_HTTP_BAD_GATEWAY;
    }

    return ngx_http_outrider_go_on(ctx, rc);
}


static void
ngx_http_outrider_need_memory(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_outrider_filter_t  *f;

    ctx->in_memory = ctx->request->filter_need_in_memory;

    for (f = ctx->first; f; f = f->next) {
        if (f->use->library->hooks.body[NGX_HTTP_OUTRIDER_RESPONSE]
            && f->use->needs != 0)
        {
            ctx->request->filter_need_in_memory = 1;
        }
    }
}


/*
 * "return" and the like outside of locations come before the phase in which
 * filters begin.  Is this response one of those, and has its block filters?
 */

static ngx_uint_t
ngx_http_outrider_is_early(ngx_http_request_t *r)
{
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_outrider_loc_conf_t  *olcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_outrider_module);

    if (olcf->uses == NULL || olcf->uses->nelts == 0 || !r->valid_location) {
        return 0;
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    return r->phase_handler
           < (ngx_int_t) cmcf->phase_engine.location_rewrite_index
           && cmcf->phase_engine.handlers[r->phase_handler].checker
              == ngx_http_core_rewrite_phase;
}


/*
 * The request's filters have their turn with the response at hand, which waits
 * for them.  The body is gone by then: for them it is a request without one.
 */

static ngx_int_t
ngx_http_outrider_begin_early(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_outrider_ctx_t       *ctx;
    ngx_http_outrider_loc_conf_t  *olcf;

    ctx = ngx_http_outrider_create_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_outrider_module);

    rc = ngx_http_outrider_begin_all(ctx, olcf);

    if (rc != NGX_OK) {
        ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].bypass = 1;
        ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_in = 1;
        return rc;
    }

    ctx->early = 1;
    ctx->side[NGX_HTTP_OUTRIDER_REQUEST].end_in = 1;
    ctx->first->pass[NGX_HTTP_OUTRIDER_REQUEST].end_in = 1;

    ngx_http_outrider_need_memory(ctx);

    return ngx_http_outrider_pump_early(ctx);
}


ngx_int_t
ngx_http_outrider_pump_early(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_http_outrider_side_t  *side;

    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];

    rc = ngx_http_outrider_pump(ctx, NGX_HTTP_OUTRIDER_REQUEST);

    if (rc == NGX_ERROR || (rc == NGX_DONE && ctx->reply == NULL)) {
        return ngx_http_outrider_cut(ctx);
    }

    if (rc == NGX_DONE) {
        ctx->early = 0;
        side->head_in = 1;
        return ngx_http_outrider_replace(ctx);
    }

    if (!ctx->side[NGX_HTTP_OUTRIDER_REQUEST].head_out) {
        ctx->request->buffered |= NGX_HTTP_OUTRIDER_BUFFERED;
        return NGX_OK;
    }

    ctx->early = 0;

    rc = ngx_http_outrider_begin_response(ctx);

    if (side->in && (rc == NGX_OK || rc == NGX_AGAIN)) {
        rc = ngx_http_outrider_go_on(ctx,
                 ngx_http_outrider_feed(ctx, NGX_HTTP_OUTRIDER_RESPONSE));
    }

    return rc;
}


static ngx_int_t
ngx_http_outrider_header_filter(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_http_outrider_ctx_t   *ctx;
    ngx_http_outrider_side_t  *side;

    if (r != r->main) {
        return ngx_http_outrider_callout_of(r)
               ? ngx_http_outrider_callout_head(r)
               : ngx_http_outrider_next_header_filter(r);
    }

    ctx = ngx_http_outrider_get_ctx(r);

    if (ctx == NULL && ngx_http_outrider_is_early(r)) {
        rc = ngx_http_outrider_begin_early(r);
        return rc == NGX_AGAIN ? NGX_OK : rc;
    }

    if (ctx == NULL || ctx->first == NULL || ctx->closed) {
        return ngx_http_outrider_send_head(r);
    }

    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];

    if (side->head_in || ctx->early) {

        /* the first one failed before it was sent: this one says so */

        side->bypass = 1;
        ctx->early = 0;
        return ngx_http_outrider_send_head(r);
    }

    ngx_http_outrider_need_memory(ctx);

    rc = ngx_http_outrider_begin_response(ctx);

    return rc == NGX_AGAIN ? NGX_OK : rc;
}


static ngx_int_t
ngx_http_outrider_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                  rc;
    ngx_chain_t               *cl;
    ngx_http_outrider_ctx_t   *ctx;
    ngx_http_outrider_side_t  *side;

    if (r != r->main) {
        return ngx_http_outrider_callout_of(r)
               ? ngx_http_outrider_callout_body(r, in)
               : ngx_http_outrider_send_body(r, in);
    }

    ctx = ngx_http_outrider_get_ctx(r);

    if (ctx == NULL || ctx->first == NULL) {
        return ngx_http_outrider_send_body(r, in);
    }

    side = &ctx->side[NGX_HTTP_OUTRIDER_RESPONSE];

    if (side->through) {

        for (cl = in; cl; cl = cl->next) {
            side->passed += ngx_buf_size(cl->buf);
            side->end_sent |= cl->buf->last_buf;
        }

        side->end_in = side->end_sent;
        side->end_out = side->end_sent;

        return ngx_http_outrider_send_body(r, in);
    }

    if (ctx->early && !ctx->closed) {

        /* the request's filters have the word */

        return in && ngx_chain_add_copy(r->pool, &side->in, in) != NGX_OK
               ? NGX_ERROR : NGX_AGAIN;
    }

    if (!side->head_in || (side->bypass && !side->end_in)) {
        return ngx_http_outrider_send_body(r, in);
    }

    if (ctx->closed || side->bypass || side->end_sent) {

        /* all has gone out: what comes still is of a response that was replaced */

        if (side->bypass && !ctx->replying) {
            return ngx_http_outrider_send_body(r, in);
        }

        ngx_http_outrider_consume(in);
        return side->head_sent ? ngx_http_outrider_flush_response(ctx) : NGX_OK;
    }

    for (cl = in; cl; cl = cl->next) {
        if (cl->buf->last_buf && r->headers_out.trailers.part.nelts) {
            side->trailers_in = 1;
        }
    }

    if (in && side->end_in) {

        /* there was to be no body */

        ngx_http_outrider_consume(in);
        in = NULL;
    }

    if (in && ngx_chain_add_copy(r->pool, &side->in, in) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_outrider_feed(ctx, NGX_HTTP_OUTRIDER_RESPONSE);

    return ngx_http_outrider_go_on(ctx, rc);
}


ngx_int_t
ngx_http_outrider_response_filter_init(ngx_conf_t *cf)
{
    ngx_http_outrider_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_outrider_header_filter;

    ngx_http_outrider_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_outrider_body_filter;

    return NGX_OK;
}
