
/*
 * Filters of requests, and the numbers that libraries know them by: a place in
 * a table and how often the place was used before.  What a library keeps too
 * long, or uses on a thread of its own, finds nothing, and never another
 * request's filter.
 */


#include "ngx_http_outrider.h"
#include <pthread.h>


typedef struct {
    ngx_http_outrider_filter_t  *filter;
    uint32_t                     generation;
    uint32_t                     next;       /* free places, by index + 1 */
} ngx_http_outrider_place_t;


static ngx_http_outrider_place_t   *ngx_http_outrider_places;
static uint32_t                     ngx_http_outrider_nplaces;
static uint32_t                     ngx_http_outrider_free_place;

static pthread_t                    ngx_http_outrider_thread;
static ngx_http_outrider_filter_t  *ngx_http_outrider_current;


void
ngx_http_outrider_own_thread(void)
{
    ngx_http_outrider_thread = pthread_self();
}


ngx_uint_t
ngx_http_outrider_is_worker_thread(void)
{
    return pthread_equal(pthread_self(), ngx_http_outrider_thread) != 0;
}


static void *
ngx_http_outrider_take_place(ngx_http_outrider_filter_t *f)
{
    uint32_t                    i, n;
    ngx_http_outrider_place_t  *places;

    if (ngx_http_outrider_free_place == 0) {

        n = ngx_http_outrider_nplaces ? ngx_http_outrider_nplaces * 2 : 256;

        places = realloc(ngx_http_outrider_places,
                         n * sizeof(ngx_http_outrider_place_t));
        if (places == NULL) {
            return NULL;
        }

        for (i = n; i > ngx_http_outrider_nplaces; i--) {
            places[i - 1].filter = NULL;
            places[i - 1].generation = 1;
            places[i - 1].next = ngx_http_outrider_free_place;
            ngx_http_outrider_free_place = i;
        }

        ngx_http_outrider_places = places;
        ngx_http_outrider_nplaces = n;
    }

    i = ngx_http_outrider_free_place - 1;
    places = &ngx_http_outrider_places[i];

    ngx_http_outrider_free_place = places->next;
    places->filter = f;

    return (void *) (((uintptr_t) places->generation << 32) | i);
}


static void
ngx_http_outrider_leave_place(void *host)
{
    uint32_t                    i;
    ngx_http_outrider_place_t  *place;

    i = (uint32_t) (uintptr_t) host;
    place = &ngx_http_outrider_places[i];

    place->filter = NULL;

    if (++place->generation == 0) {
        place->generation = 1;
    }

    place->next = ngx_http_outrider_free_place;
    ngx_http_outrider_free_place = i + 1;
}


static ngx_http_outrider_filter_t *
ngx_http_outrider_at(void *host)
{
    uint32_t                    i;
    ngx_http_outrider_place_t  *place;

    i = (uint32_t) (uintptr_t) host;

    if (i >= ngx_http_outrider_nplaces) {
        return NULL;
    }

    place = &ngx_http_outrider_places[i];

    return place->generation == (uint32_t) ((uintptr_t) host >> 32)
           ? place->filter : NULL;
}


/* The filter that a library names in a callback; NULL if it may not. */

ngx_http_outrider_filter_t *
ngx_http_outrider_find(void *host)
{
    ngx_http_outrider_filter_t  *f;

    if (!ngx_http_outrider_is_worker_thread()) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "outrider: a module called for a request from a thread "
                      "of its own; the scheduler leads back to the request's");
        return NULL;
    }

    f = ngx_http_outrider_at(host);

    if (f == NULL) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "outrider: a module called for a request that has ended");
    }

    return f;
}


ngx_http_outrider_filter_t *
ngx_http_outrider_alive(void *host)
{
    return ngx_http_outrider_at(host);
}


/* The filter whose hook runs on this thread. */

ngx_http_outrider_filter_t *
ngx_http_outrider_running(void)
{
    return ngx_http_outrider_is_worker_thread() ? ngx_http_outrider_current
                                                : NULL;
}


void *
ngx_http_outrider_enter(ngx_http_outrider_filter_t *f)
{
    void  *outer;

    outer = ngx_http_outrider_current;
    ngx_http_outrider_current = f;

    return outer;
}


void
ngx_http_outrider_leave(ngx_http_outrider_filter_t *f, void *outer)
{
    ngx_http_outrider_current = outer;

    if (f->ctx->request_dirty) {
        ngx_http_outrider_request_sync(f->ctx);
    }
}


ngx_int_t
ngx_http_outrider_begin(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_use_t *use)
{
    void                        *outer;
    ngx_http_outrider_filter_t  *f;

    f = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_outrider_filter_t));
    if (f == NULL) {
        return NGX_ERROR;
    }

    f->ctx = ctx;
    f->use = use;

    f->host = ngx_http_outrider_take_place(f);
    if (f->host == NULL) {
        return NGX_ERROR;
    }

    outer = ngx_http_outrider_enter(f);
    f->module = use->library->hooks.filter_new(use->config, f->host);
    ngx_http_outrider_leave(f, outer);

    if (f->module == NULL) {
        ngx_http_outrider_leave_place(f->host);
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "outrider: the module \"%V\" made no filter \"%V\"",
                      &use->library->name, &use->filter);
        return NGX_ERROR;
    }

    f->prev = ctx->last;

    if (ctx->last) {
        ctx->last->next = f;

    } else {
        ctx->first = f;
    }

    ctx->last = f;

    return NGX_OK;
}


/* Once, whatever became of the request. */

void
ngx_http_outrider_end(ngx_http_outrider_filter_t *f)
{
    void        *outer, *module;
    ngx_uint_t   d;

    ngx_http_outrider_cancel_callouts(f);

    ngx_http_outrider_leave_place(f->host);

    module = f->module;
    f->module = NULL;

    if (f->use->library->hooks.filter_destroy) {
        outer = ngx_http_outrider_current;
        ngx_http_outrider_current = NULL;

        f->use->library->hooks.filter_destroy(module);

        ngx_http_outrider_current = outer;
    }

    for (d = 0; d < 2; d++) {
        ngx_http_outrider_body_release(&f->pass[d].in);
        ngx_http_outrider_body_release(&f->pass[d].held);
    }
}
