
/*
 * A request between nginx's phases and its filters: where they begin, where it
 * waits for them, where it goes on, and its end.
 */


#include "ngx_http_outrider.h"


/*
 * A body that has been read goes once more to a filter that an internal
 * redirect has brought in.
 */

static ngx_int_t
ngx_http_outrider_show_again(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_pass_t *pass)
{
    u_char                    *p;
    size_t                     size;
    ssize_t                    n;
    ngx_buf_t                 *b;
    ngx_chain_t               *cl;
    ngx_http_request_body_t   *rb;
    ngx_http_outrider_side_t  *side;

    rb = ctx->request->request_body;
    side = &ctx->side[NGX_HTTP_OUTRIDER_REQUEST];

    if (rb == NULL) {
        return NGX_OK;
    }

    for (cl = rb->bufs; cl; cl = cl->next) {
        b = cl->buf;

        if ((off_t) pass->in.len + ngx_buf_size(b)
            > (off_t) ctx->buffer_limit)
        {
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }

        if (ngx_buf_in_memory(b)) {
            if (ngx_http_outrider_body_append(&pass->in, b->pos,
                                              b->last - b->pos)
                != NGX_OK)
            {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            continue;
        }

        size = (size_t) (b->file_last - b->file_pos);

        p = ngx_palloc(ctx->request->pool, size);
        if (p == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        n = ngx_read_file(b->file, p, size, b->file_pos);

        if (n != (ssize_t) size
            || ngx_http_outrider_body_append(&pass->in, p, size) != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        (void) ngx_pfree(ctx->request->pool, p);
    }

    rb->bufs = NULL;
    rb->temp_file = NULL;
    rb->last_saved = 0;

    side->end_sent = 0;
    side->passed = 0;
    ctx->body_read = 1;

    return NGX_OK;
}


/* The filters of this location that the request has not met yet. */

ngx_int_t
ngx_http_outrider_begin_all(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_loc_conf_t *olcf)
{
    ngx_int_t                     rc;
    ngx_uint_t                    i;
    ngx_http_request_t           *r;
    ngx_http_outrider_use_t     **use;
    ngx_http_outrider_side_t     *side;
    ngx_http_outrider_pass_t     *pass, *before;
    ngx_http_outrider_filter_t   *f;

    if (olcf->uses == NULL) {
        return NGX_OK;
    }

    r = ctx->request;
    ctx->buffer_limit = olcf->buffer_size;

    use = olcf->uses->elts;

    for (i = 0; i < olcf->uses->nelts; i++) {

        for (f = ctx->first; f; f = f->next) {
            if (f->use == use[i]) {
                break;
            }
        }

        if (f) {
            continue;
        }

        if (ngx_http_outrider_ready(use[i], r->connection->log) != NGX_OK) {
            return NGX_HTTP_SERVICE_UNAVAILABLE;
        }

        if (ngx_http_outrider_begin(ctx, use[i]) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        side = &ctx->side[NGX_HTTP_OUTRIDER_REQUEST];
        pass = &ctx->last->pass[NGX_HTTP_OUTRIDER_REQUEST];

        if (ctx->last->prev) {
            before = &ctx->last->prev->pass[NGX_HTTP_OUTRIDER_REQUEST];

            pass->head_in = before->head_out;
            pass->end_in = before->end_out;

            rc = side->end_sent ? ngx_http_outrider_show_again(ctx, pass)
                                : NGX_OK;
            if (rc != NGX_OK) {
                return rc;
            }

        } else {
            pass->head_in = 1;
            pass->end_in = !ngx_http_outrider_has_body(r);
            side->end_in = pass->end_in;
        }

        side->head_out = 0;
        side->end_out = 0;
    }

    return NGX_OK;
}


/* The first handler of the rewrite phase, in each location that it comes to. */

ngx_int_t
ngx_http_outrider_rewrite_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_outrider_ctx_t       *ctx;
    ngx_http_outrider_loc_conf_t  *olcf;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_outrider_module);
    ctx = ngx_http_outrider_get_ctx(r);

    if (ctx == NULL) {

        if (olcf->uses == NULL || olcf->uses->nelts == 0) {
            return NGX_DECLINED;
        }

        ctx = ngx_http_outrider_create_ctx(r);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (ctx->replying || ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_in) {
        return NGX_DECLINED;
    }

    rc = ngx_http_outrider_begin_all(ctx, olcf);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->first == NULL) {
        return NGX_DECLINED;
    }

    return ngx_http_outrider_advance(ctx);
}


static ngx_int_t
ngx_http_outrider_wait(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->waiting = 1;

    /* the client may go away meanwhile, which ends the request and its filters */

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DONE;
}


/*
 * As far as the filters let the request's head come: NGX_DECLINED when it is
 * through and the phases may go on, NGX_DONE when they must wait.
 */

ngx_int_t
ngx_http_outrider_advance(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t                    rc;
    ngx_uint_t                   wants_body;
    ngx_http_request_t          *r;
    ngx_http_outrider_side_t    *side;
    ngx_http_outrider_filter_t  *f;
    ngx_http_core_srv_conf_t    *cscf;
    ngx_http_core_main_conf_t   *cmcf;

    r = ctx->request;
    side = &ctx->side[NGX_HTTP_OUTRIDER_REQUEST];

    for ( ;; ) {

        rc = ngx_http_outrider_pump(ctx, NGX_HTTP_OUTRIDER_REQUEST);

        if (rc == NGX_ERROR) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (rc == NGX_DONE) {
            return ngx_http_outrider_finish(ctx);
        }

        if (side->head_out) {
            break;
        }

        wants_body = 0;

        for (f = ctx->first; f; f = f->next) {
            wants_body |= f->pass[NGX_HTTP_OUTRIDER_REQUEST].holds;
        }

        if (!wants_body || ctx->body_read
            || ngx_http_outrider_blocked(ctx, NGX_HTTP_OUTRIDER_REQUEST))
        {
            return ngx_http_outrider_wait(ctx);
        }

        rc = ngx_http_outrider_read_body(ctx);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ctx->body_read && (side->out || (side->end_out && !side->end_sent))) {

        /* what the filters added to a message whose body is read already */

        rc = ngx_http_outrider_flush_request(ctx);
        if (rc != NGX_OK) {
            return rc == NGX_ERROR ? NGX_HTTP_INTERNAL_SERVER_ERROR : rc;
        }

    } else if (side->out && !ctx->body_read) {

        /* a body where there was none */

        rc = ngx_http_outrider_read_body(ctx);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ctx->clear_route) {
        ctx->clear_route = 0;

        if (--r->uri_changes == 0) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "outrider: filters send \"%V\" round in a circle",
                          &r->uri);
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        r->valid_location = 1;
        r->write_event_handler = ngx_http_core_run_phases;

        cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);
        r->loc_conf = cscf->ctx->loc_conf;

        cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

        /* the caller adds one: the phase that finds the location */
        r->phase_handler = cmcf->phase_engine.location_rewrite_index - 2;
    }

    return NGX_DECLINED;
}


/* A filter wants an end without more: what it sent before that goes out. */

ngx_int_t
ngx_http_outrider_finish_reset(ngx_http_outrider_ctx_t *ctx)
{
    if (ctx->pieces) {
        ctx->reset = 0;
        (void) ngx_http_outrider_stream(ctx);
        ctx->reset = 1;
    }

    return NGX_HTTP_CLOSE;
}


/* A filter has ended the request in its phases. */

ngx_int_t
ngx_http_outrider_finish(ngx_http_outrider_ctx_t *ctx)
{
    if (ctx->reset) {
        return ngx_http_outrider_finish_reset(ctx);
    }

    if (ctx->pieces) {
        return ngx_http_outrider_stream(ctx);
    }

    return ngx_http_outrider_send_reply(ctx);
}
