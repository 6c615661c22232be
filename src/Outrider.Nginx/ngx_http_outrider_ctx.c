
/*
 * What this module knows of a request: from its first filter to its end.
 */


#include "ngx_http_outrider.h"


static void ngx_http_outrider_close(void *data);
static void ngx_http_outrider_cleanup(void *data);


/* nginx clears the contexts of its modules at internal redirects. */

ngx_http_outrider_ctx_t *
ngx_http_outrider_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_outrider_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_outrider_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {

        for (cln = r->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == ngx_http_outrider_cleanup) {
                ctx = cln->data;
                ngx_http_set_ctx(r, ctx, ngx_http_outrider_module);
                break;
            }
        }
    }

    return ctx;
}


ngx_http_outrider_ctx_t *
ngx_http_outrider_create_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_cleanup_t       *end;
    ngx_http_outrider_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_outrider_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_outrider_ctx_t));

    end = ngx_http_cleanup_add(r, 0);
    if (end == NULL) {
        return NULL;
    }

    end->handler = ngx_http_outrider_close;
    end->data = ctx;

    ctx->request = r;
    ctx->method = r->method;
    ctx->last_piece = &ctx->pieces;

    ngx_http_outrider_init_side(&ctx->side[NGX_HTTP_OUTRIDER_REQUEST],
                                &ngx_http_outrider_module);
    ngx_http_outrider_init_side(&ctx->side[NGX_HTTP_OUTRIDER_RESPONSE],
                                &ngx_http_outrider_module);
    ngx_http_outrider_init_side(&ctx->streamed, &ngx_http_outrider_stream);

    ctx->event.handler = ngx_http_outrider_resume_handler;
    ctx->event.data = ctx;
    ctx->event.log = r->connection->log;

    cln->handler = ngx_http_outrider_cleanup;
    ngx_http_outrider_hold_worker();

    ngx_http_set_ctx(r, ctx, ngx_http_outrider_module);

    return ctx;
}


ngx_int_t
ngx_http_outrider_log_handler(ngx_http_request_t *r)
{
    void                        *outer;
    ngx_http_outrider_ctx_t     *ctx;
    ngx_http_outrider_filter_t  *f;

    if (r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_outrider_get_ctx(r);

    if (ctx == NULL || ctx->logged) {
        return NGX_OK;
    }

    ctx->closed = 1;
    ctx->logged = 1;

    for (f = ctx->first; f; f = f->next) {
        if (f->use->library->hooks.stream_complete) {
            outer = ngx_http_outrider_enter(f);
            f->use->library->hooks.stream_complete(f->host, f->module);
            ngx_http_outrider_leave(f, outer);
        }
    }

    return NGX_OK;
}


/* The request is at its end: no hook from now on but the last two. */

static void
ngx_http_outrider_close(void *data)
{
    ngx_http_outrider_ctx_t *ctx = data;

    ngx_http_outrider_filter_t  *f;

    ctx->closed = 1;

    if (ctx->event.posted) {
        ngx_delete_posted_event(&ctx->event);
    }

    for (f = ctx->first; f; f = f->next) {
        ngx_http_outrider_cancel_callouts(f);
    }
}


static void
ngx_http_outrider_cleanup(void *data)
{
    ngx_http_outrider_ctx_t *ctx = data;

    ngx_http_outrider_filter_t  *f;

    ctx->closed = 1;

    if (ctx->event.posted) {
        ngx_delete_posted_event(&ctx->event);
    }

    for (f = ctx->first; f; f = f->next) {
        ngx_http_outrider_end(f);
    }

    ngx_http_outrider_state_destroy(ctx);
    ngx_http_outrider_forget_pieces(ctx);
    ngx_http_outrider_release_side(&ctx->side[NGX_HTTP_OUTRIDER_REQUEST]);
    ngx_http_outrider_release_side(&ctx->side[NGX_HTTP_OUTRIDER_RESPONSE]);
    ngx_http_outrider_release_side(&ctx->streamed);

    ngx_http_outrider_let_worker_go();
}
