
/*
 * What filters asked for in a hook, or from a thread of theirs, is done here, when
 * nginx is not in the middle of something.
 */


#include "ngx_http_outrider.h"


/* What a filter asked for is to be done, when nginx is not in the middle of something. */

void
ngx_http_outrider_ask(ngx_http_outrider_ctx_t *ctx)
{
    if (!ctx->closed && !ctx->event.posted) {
        ngx_post_event(&ctx->event, &ngx_posted_events);
    }
}


static void
ngx_http_outrider_stop_reading(ngx_http_outrider_ctx_t *ctx)
{
    ngx_event_t         *rev;
    ngx_http_request_t  *r;

    r = ctx->request;
    rev = r->connection->read;

    ctx->waiting = 0;
    ctx->reading = 0;

    r->read_event_handler = ngx_http_block_reading;

    if (rev->timer_set) {
        ngx_del_timer(rev);
    }

    if (r->request_body && r->request_body->rest != 0) {
        r->keepalive = 0;
        r->lingering_close = 1;
    }
}


/*
 * An upstream that is at work on the request is let go before the request is
 * finalized from outside of it: its own end would finalize once more.
 */

static void
ngx_http_outrider_release_upstream(ngx_http_request_t *r)
{
    if (r->upstream && r->upstream->cleanup) {
        r->main->count++;
        (*r->upstream->cleanup)(r);
    }
}


static void
ngx_http_outrider_fail(ngx_http_request_t *r, ngx_int_t rc)
{
    r->connection->error = 1;

    ngx_http_outrider_release_upstream(r);
    ngx_http_finalize_request(r, rc);
}


static void
ngx_http_outrider_resume_request(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ctx->waiting && !ctx->reading) {
        ctx->waiting = 0;

        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
        return;
    }

    rc = ngx_http_outrider_pump(ctx, NGX_HTTP_OUTRIDER_REQUEST);

    if (rc == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    if (rc == NGX_DONE) {
        ngx_http_outrider_ask(ctx);
        return;
    }

    /* whoever reads the body asks the filters again for what they have */

    if (ctx->reading) {
        ctx->read_body(r);

    } else {
        r->read_event_handler(r);
    }
}


static ngx_uint_t
ngx_http_outrider_can_move(ngx_http_outrider_ctx_t *ctx, ngx_uint_t d)
{
    ngx_http_outrider_filter_t  *f;

    for (f = ctx->first; f; f = f->next) {
        if (f->pass[d].go_on) {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_outrider_resume_over(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_in || ctx->replying) {

        rc = ngx_http_outrider_replace(ctx);

        if (rc == NGX_ERROR) {
            ngx_http_outrider_fail(r, NGX_ERROR);
            return;
        }

        r->write_event_handler(r);
        return;
    }

    ngx_http_outrider_stop_reading(ctx);
    ngx_http_outrider_release_upstream(r);

    rc = ngx_http_outrider_finish(ctx);

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


void
ngx_http_outrider_resume_handler(ngx_event_t *ev)
{
    void                     *host;
    ngx_int_t                 rc;
    ngx_connection_t         *c;
    ngx_http_request_t       *r;
    ngx_http_outrider_ctx_t  *ctx;

    ctx = ev->data;
    r = ctx->request;
    c = r->connection;

    if (ctx->closed || ctx->first == NULL) {
        return;
    }

    ngx_http_set_log_request(c->log, r);

    if (ctx->sent && ngx_http_outrider_abandon_callouts(ctx)) {
        goto done;
    }

    host = ctx->first->host;

    if (ctx->streaming) {

        if (ctx->reset) {
            ngx_http_finalize_request(r, ngx_http_outrider_finish_reset(ctx));

        } else if (ctx->pieces) {
            rc = ngx_http_outrider_stream(ctx);

            if (rc != NGX_DONE) {
                ngx_http_finalize_request(r, rc);
            }
        }

        goto done;
    }

    if (ctx->early) {
        rc = ngx_http_outrider_pump_early(ctx);

        if (rc == NGX_ERROR || rc > NGX_OK) {
            ngx_http_outrider_fail(r, NGX_ERROR);

        } else {
            r->write_event_handler(r);
        }

        goto done;
    }

    if (ctx->reply || ctx->reset || ctx->pieces) {
        ngx_http_outrider_resume_over(ctx);
        goto done;
    }

    if (ngx_http_outrider_can_move(ctx, NGX_HTTP_OUTRIDER_REQUEST)) {
        ngx_http_outrider_resume_request(ctx);
    }

    if (ngx_http_outrider_alive(host)
        && !ctx->closed
        && ngx_http_outrider_can_move(ctx, NGX_HTTP_OUTRIDER_RESPONSE)
        && ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].head_in)
    {
        if (ngx_http_outrider_pump_response(ctx) == NGX_ERROR) {
            ngx_http_outrider_fail(r, NGX_ERROR);

        } else {
            r->write_event_handler(r);
        }
    }

done:

    ngx_http_run_posted_requests(c);
}
