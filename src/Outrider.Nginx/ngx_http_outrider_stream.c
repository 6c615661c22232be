
/*
 * The callbacks for bodies and for the course of a request.  What they ask for
 * is done when the hook has returned.
 */


#include "ngx_http_outrider.h"


/* what all flags of a request may come to: a module may set one with each piece */
#define NGX_HTTP_OUTRIDER_MAX_FLAGS  1024


static ngx_http_outrider_body_t *
ngx_http_outrider_body_of(void *host, uint32_t kind,
    ngx_http_outrider_filter_t **f)
{
    ngx_http_outrider_pass_t  *p;

    *f = ngx_http_outrider_find(host);

    if (*f == NULL || kind > NGX_OUTRIDER_BUFFERED_RESPONSE) {
        return NULL;
    }

    p = &(*f)->pass[kind >= NGX_OUTRIDER_RECEIVED_RESPONSE];

    return kind == NGX_OUTRIDER_RECEIVED_REQUEST
           || kind == NGX_OUTRIDER_RECEIVED_RESPONSE ? p->piece : &p->held;
}


size_t
NGX_OUTRIDER_CALLBACK(http_get_body_size)(void *host, uint32_t kind)
{
    ngx_http_outrider_body_t    *b;
    ngx_http_outrider_filter_t  *f;

    b = ngx_http_outrider_body_of(host, kind, &f);

    return b ? b->len : 0;
}


size_t
NGX_OUTRIDER_CALLBACK(http_get_body_chunks_size)(void *host, uint32_t kind)
{
    ngx_http_outrider_body_t    *b;
    ngx_http_outrider_filter_t  *f;

    b = ngx_http_outrider_body_of(host, kind, &f);

    return b && b->len ? 1 : 0;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_body_chunks)(void *host, uint32_t kind,
    ngx_outrider_text_t *chunks)
{
    ngx_http_outrider_body_t    *b;
    ngx_http_outrider_filter_t  *f;

    b = ngx_http_outrider_body_of(host, kind, &f);

    if (b == NULL) {
        return false;
    }

    if (b->len) {
        chunks[0].data = b->data;
        chunks[0].len = b->len;
    }

    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_append_body)(void *host, uint32_t kind,
    ngx_outrider_text_t data)
{
    ngx_uint_t                   d;
    ngx_http_outrider_body_t    *b;
    ngx_http_outrider_filter_t  *f;

    b = ngx_http_outrider_body_of(host, kind, &f);

    if (b == NULL || f->ctx->closed) {
        return false;
    }

    d = kind >= NGX_OUTRIDER_RECEIVED_RESPONSE;

    if (data.data == NULL || data.len == 0) {
        return true;
    }

    if (f->pass[d].end_out
        || ngx_http_outrider_body_append(b, data.data, data.len) != NGX_OK)
    {
        return false;
    }

    f->ctx->side[d].modified = 1;

    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_drain_body)(void *host, uint32_t kind, size_t count)
{
    ngx_http_outrider_body_t    *b;
    ngx_http_outrider_filter_t  *f;

    b = ngx_http_outrider_body_of(host, kind, &f);

    if (b == NULL || f->ctx->closed) {
        return false;
    }

    if (count && b->len) {
        ngx_http_outrider_body_drain(b, count);
        f->ctx->side[kind >= NGX_OUTRIDER_RECEIVED_RESPONSE].modified = 1;
    }

    return true;
}


/* What a filter keeps is its own here: no hook receives it again. */

bool
NGX_OUTRIDER_CALLBACK(http_received_buffered_request_body)(void *host)
{
    return false;
}


bool
NGX_OUTRIDER_CALLBACK(http_received_buffered_response_body)(void *host)
{
    return false;
}


uint64_t
NGX_OUTRIDER_CALLBACK(http_get_buffer_limit)(void *host)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f ? f->ctx->buffer_limit : 0;
}


/* Memory is the operator's: a module may ask for less than outrider_buffer_size. */

void
NGX_OUTRIDER_CALLBACK(http_set_buffer_limit)(void *host, uint64_t limit)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f && limit && limit < f->ctx->buffer_limit) {
        f->ctx->buffer_limit = limit;
    }
}


static void
ngx_http_outrider_continue(void *host, ngx_uint_t d)
{
    ngx_http_outrider_pass_t    *p;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || f->ctx->closed) {
        return;
    }

    p = &f->pass[d];

    if (p->end_out && p->head_out) {
        return;
    }

    p->go_on = 1;

    ngx_http_outrider_ask(f->ctx);
}


void
NGX_OUTRIDER_CALLBACK(http_filter_continue_decoding)(void *host)
{
    ngx_http_outrider_continue(host, NGX_HTTP_OUTRIDER_REQUEST);
}


void
NGX_OUTRIDER_CALLBACK(http_filter_continue_encoding)(void *host)
{
    ngx_http_outrider_continue(host, NGX_HTTP_OUTRIDER_RESPONSE);
}


/* The location is found again, when all filters of this one have had the request. */

void
NGX_OUTRIDER_CALLBACK(http_clear_route_cache)(void *host)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f) {
        f->ctx->clear_route = 1;
    }
}


/* The upstream is chosen after the filters: there is nothing to forget. */

void
NGX_OUTRIDER_CALLBACK(http_clear_route_cluster_cache)(void *host)
{
}


void
NGX_OUTRIDER_CALLBACK(http_filter_reset_stream)(void *host, uint32_t reason,
    ngx_outrider_text_t details)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f && !f->ctx->closed) {
        f->ctx->reset = 1;
        ngx_http_outrider_ask(f->ctx);
    }
}


void
NGX_OUTRIDER_CALLBACK(http_filter_send_go_away_and_close)(void *host,
    bool graceful)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f) {
        f->ctx->request->keepalive = 0;
    }
}


bool
NGX_OUTRIDER_CALLBACK(http_filter_recreate_stream)(void *host)
{
    ngx_http_outrider_cannot("http_filter_recreate_stream",
                             "a request is not begun anew; clear_route_cache "
                             "sends it elsewhere");
    return false;
}


void *
NGX_OUTRIDER_CALLBACK(get_most_specific_route_config)(void *host)
{
    ngx_uint_t                      i;
    ngx_http_request_t             *r;
    ngx_http_outrider_use_t       **use;
    ngx_http_outrider_filter_t     *f;
    ngx_http_outrider_loc_conf_t   *olcf;

    f = ngx_http_outrider_find(host);

    if (f == NULL) {
        return NULL;
    }

    r = f->ctx->request;
    olcf = ngx_http_get_module_loc_conf(r, ngx_http_outrider_module);

    /* an internal redirect may have led to a block that says something else of this filter */

    if (olcf->uses) {
        use = olcf->uses->elts;

        for (i = 0; i < olcf->uses->nelts; i++) {
            if (use[i]->ready && use[i]->owner == f->use->owner) {
                return use[i]->route;
            }
        }
    }

    return f->use->route;
}


uint32_t
NGX_OUTRIDER_CALLBACK(http_filter_get_worker_index)(void *host)
{
    return (uint32_t) ngx_worker;
}


/* For access logs: the variable $outrider_flags. */

void
NGX_OUTRIDER_CALLBACK(http_add_custom_flag)(void *host,
    ngx_outrider_text_t flag)
{
    u_char                      *p;
    ngx_str_t                   *flags;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || flag.data == NULL || flag.len == 0
        || flag.len > NGX_HTTP_OUTRIDER_MAX_FLAGS
        || f->ctx->flags.len + 1 + flag.len > NGX_HTTP_OUTRIDER_MAX_FLAGS)
    {
        return;
    }

    flags = &f->ctx->flags;

    if (flags->data == NULL) {
        flags->data = ngx_pnalloc(f->ctx->request->pool,
                                  NGX_HTTP_OUTRIDER_MAX_FLAGS);
        if (flags->data == NULL) {
            return;
        }
    }

    p = flags->data + flags->len;

    if (flags->len) {
        *p++ = ',';
    }

    p = ngx_cpymem(p, flag.data, flag.len);
    flags->len = p - flags->data;
}


bool
NGX_OUTRIDER_CALLBACK(http_set_upstream_override_host)(void *host,
    ngx_outrider_text_t address, bool strict)
{
    ngx_http_outrider_cannot("http_set_upstream_override_host",
                             "nginx's balancers choose among their own; set "
                             "metadata, and use its variable in proxy_pass");
    return false;
}
