
/*
 * Requests of modules' own, to the upstreams of the configuration: background
 * subrequests, whose answers go to the module and not to the client.  They end
 * with their request, or when their time is up.
 */


#include "ngx_http_outrider_callout.h"
#include "ngx_http_outrider_fields.h"


/* without a time of its own a callout has nginx's for upstreams */
#define NGX_HTTP_OUTRIDER_CALLOUT_TIME  60000


static ngx_int_t ngx_http_outrider_callout_end(ngx_http_request_t *sr,
    void *data, ngx_int_t rc);


static uint64_t  ngx_http_outrider_last_callout;


ngx_http_outrider_callout_t *
ngx_http_outrider_callout_of(ngx_http_request_t *r)
{
    return ngx_http_get_module_ctx(r, ngx_http_outrider_module);
}


static ngx_http_upstream_srv_conf_t *
ngx_http_outrider_cluster_named(ngx_http_request_t *r,
    ngx_outrider_text_t *name)
{
    ngx_uint_t                        i;
    ngx_http_upstream_srv_conf_t    **uscf;
    ngx_http_upstream_main_conf_t    *umcf;

    umcf = ngx_http_get_module_main_conf(r, ngx_http_upstream_module);
    uscf = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        /* those that proxy_pass makes of an address have no flags */

        if (uscf[i]->flags && uscf[i]->host.len == name->len
            && ngx_strncasecmp(uscf[i]->host.data, name->data, name->len) == 0)
        {
            return uscf[i];
        }
    }

    return NULL;
}


static void
ngx_http_outrider_unlink(ngx_http_outrider_callout_t *callout)
{
    ngx_http_outrider_callout_t  **slot;

    if (callout->filter == NULL) {
        return;
    }

    for (slot = &callout->filter->callouts; *slot; slot = &(*slot)->next) {
        if (*slot == callout) {
            *slot = callout->next;
            break;
        }
    }

    callout->filter = NULL;
}


static void
ngx_http_outrider_callout_release(ngx_http_outrider_callout_t *callout)
{
    if (callout->timer.timer_set) {
        ngx_del_timer(&callout->timer);
    }

    ngx_http_outrider_body_release(&callout->body);
    ngx_http_outrider_body_release(&callout->answer);
}


/* The upstream's connection is closed, and the subrequest is over. */

static void
ngx_http_outrider_callout_kill(ngx_http_outrider_callout_t *callout)
{
    ngx_http_request_t  *sr;

    sr = callout->request;
    callout->cancelled = 1;

    if (!callout->started) {
        /* it waits for the rest of what it is to send, and would for ever */
        (void) ngx_http_post_request(sr, NULL);
        return;
    }

    if (sr->upstream && sr->upstream->cleanup) {
        (*sr->upstream->cleanup)(sr);
    }
}


static void
ngx_http_outrider_callout_failed(ngx_http_outrider_callout_t *callout,
    uint32_t reason)
{
    void                        *outer;
    uint64_t                     id;
    ngx_outrider_hooks_t        *h;
    ngx_http_outrider_filter_t  *f;

    f = callout->filter;
    id = callout->id;

    ngx_http_outrider_unlink(callout);

    if (f == NULL || f->ctx->closed) {
        return;
    }

    h = &f->use->library->hooks;
    outer = ngx_http_outrider_enter(f);

    if (callout->streamed) {
        if (h->stream_reset) {
            h->stream_reset(f->host, f->module, id, reason);
        }

    } else if (h->callout_done) {
        h->callout_done(f->host, f->module, id,
                        callout->too_large ? NGX_OUTRIDER_CALLOUT_TOO_LARGE
                                           : NGX_OUTRIDER_CALLOUT_RESET,
                        NULL, 0, NULL, 0);
    }

    ngx_http_outrider_leave(f, outer);
}


static void
ngx_http_outrider_callout_timer(ngx_event_t *ev)
{
    ngx_connection_t             *c;
    ngx_http_outrider_callout_t  *callout;

    callout = ev->data;
    c = callout->request->connection;

    callout->timedout = 1;

    ngx_http_outrider_callout_failed(callout, NGX_OUTRIDER_STREAM_LOCAL_RESET);
    ngx_http_outrider_callout_release(callout);
    ngx_http_outrider_callout_kill(callout);

    ngx_http_run_posted_requests(c);
}


static size_t
ngx_http_outrider_callout_fields(ngx_http_outrider_callout_t *callout,
    ngx_outrider_field_t **fields)
{
    size_t                  n;
    u_char                 *p;
    ngx_uint_t              i;
    ngx_list_part_t        *part;
    ngx_table_elt_t        *h;
    ngx_http_upstream_t    *u;
    ngx_outrider_field_t   *field;

    u = callout->request->upstream;
    n = 1;

    for (part = &u->headers_in.headers.part; part; part = part->next) {
        n += part->nelts;
    }

    field = ngx_palloc(callout->request->pool,
                       n * sizeof(ngx_outrider_field_t));
    if (field == NULL) {
        return 0;
    }

    *fields = field;

    p = ngx_sprintf(callout->status_text, "%ui", u->headers_in.status_n);

    field[0].name = (u_char *) ":status";
    field[0].name_len = 7;
    field[0].value = callout->status_text;
    field[0].value_len = p - callout->status_text;

    n = 1;

    for (part = &u->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            field[n].name = h[i].lowcase_key;
            field[n].name_len = h[i].key.len;
            field[n].value = h[i].value.data;
            field[n].value_len = h[i].value.len;
            n++;
        }
    }

    return n;
}


/* The head of an answer, in nginx's header filters. */

ngx_int_t
ngx_http_outrider_callout_head(ngx_http_request_t *sr)
{
    void                         *outer;
    size_t                        n;
    ngx_outrider_hooks_t         *h;
    ngx_outrider_field_t         *fields;
    ngx_http_outrider_filter_t   *f;
    ngx_http_outrider_callout_t  *callout;

    callout = ngx_http_outrider_callout_of(sr);
    f = callout->filter;

    callout->told = (sr->upstream && sr->upstream->headers_in.status_n);

    if (f == NULL || f->ctx->closed || !callout->streamed || !callout->told) {
        return NGX_OK;
    }

    h = &f->use->library->hooks;

    if (h->stream_headers) {
        n = ngx_http_outrider_callout_fields(callout, &fields);

        outer = ngx_http_outrider_enter(f);
        h->stream_headers(f->host, f->module, callout->id, fields, n, false);
        ngx_http_outrider_leave(f, outer);
    }

    return NGX_OK;
}


/* Nothing of a callout's goes to the client. */

ngx_int_t
ngx_http_outrider_callout_body(ngx_http_request_t *sr, ngx_chain_t *in)
{
    for ( /* void */ ; in; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }

    return NGX_OK;
}


void
ngx_http_outrider_callout_data(ngx_http_outrider_callout_t *callout,
    u_char *data, size_t len)
{
    void                        *outer;
    ngx_outrider_text_t          chunk;
    ngx_outrider_hooks_t        *h;
    ngx_http_outrider_filter_t  *f;

    f = callout->filter;

    if (f == NULL || f->ctx->closed || len == 0) {
        return;
    }

    if (callout->streamed) {
        h = &f->use->library->hooks;

        if (h->stream_data) {
            chunk.data = data;
            chunk.len = len;

            outer = ngx_http_outrider_enter(f);
            h->stream_data(f->host, f->module, callout->id, &chunk, 1, false);
            ngx_http_outrider_leave(f, outer);
        }

        return;
    }

    if (callout->answer.len + len > f->ctx->buffer_limit
        || ngx_http_outrider_body_append(&callout->answer, data, len)
           != NGX_OK)
    {
        callout->too_large = 1;
    }
}


/* The subrequest has come to its end, one way or the other. */

static ngx_int_t
ngx_http_outrider_callout_end(ngx_http_request_t *sr, void *data, ngx_int_t rc)
{
    ngx_http_outrider_callout_t *callout = data;

    void                        *outer;
    size_t                       n;
    uint64_t                     id;
    ngx_outrider_text_t          chunk;
    ngx_outrider_hooks_t        *h;
    ngx_outrider_field_t        *fields;
    ngx_http_outrider_filter_t  *f;

    f = callout->filter;

    if (f == NULL || f->ctx->closed) {
        ngx_http_outrider_unlink(callout);
        ngx_http_outrider_callout_release(callout);
        return NGX_OK;
    }

    if (rc != NGX_OK || !callout->told || callout->too_large) {

        ngx_http_outrider_callout_failed(callout,
            callout->timedout ? NGX_OUTRIDER_STREAM_LOCAL_RESET
            : callout->told || (sr->upstream && sr->upstream->request_sent)
              ? NGX_OUTRIDER_STREAM_TERMINATED
              : NGX_OUTRIDER_STREAM_CONNECT_FAILED);

        ngx_http_outrider_callout_release(callout);
        return NGX_OK;
    }

    h = &f->use->library->hooks;
    id = callout->id;
    n = callout->streamed ? 0 : ngx_http_outrider_callout_fields(callout,
                                                                 &fields);

    ngx_http_outrider_unlink(callout);

    outer = ngx_http_outrider_enter(f);

    if (callout->streamed) {
        if (h->stream_data) {
            h->stream_data(f->host, f->module, id, NULL, 0, true);
        }

        if (h->stream_end) {
            h->stream_end(f->host, f->module, id);
        }

    } else if (h->callout_done) {
        chunk.data = callout->answer.data;
        chunk.len = callout->answer.len;

        h->callout_done(f->host, f->module, id, NGX_OUTRIDER_CALLOUT_SUCCESS,
                        fields, n, chunk.len ? &chunk : NULL,
                        chunk.len ? 1 : 0);
    }

    ngx_http_outrider_leave(f, outer);

    ngx_http_outrider_callout_release(callout);

    return NGX_OK;
}


static uint32_t
ngx_http_outrider_callout_begin(void *host, uint64_t *id,
    ngx_outrider_text_t cluster, ngx_outrider_field_t *fields, size_t n,
    ngx_outrider_text_t body, ngx_uint_t whole, uint64_t timeout,
    ngx_uint_t streamed)
{
    uint32_t                       rc;
    ngx_str_t                      uri = ngx_string("/outrider-callout");
    ngx_http_request_t            *r, *sr;
    ngx_http_outrider_filter_t    *f;
    ngx_http_post_subrequest_t    *ps;
    ngx_http_outrider_callout_t   *callout;
    ngx_http_upstream_srv_conf_t  *uscf;

    *id = 0;

    f = ngx_http_outrider_find(host);

    if (f == NULL || f->ctx->closed || f->ctx->sent) {
        return NGX_OUTRIDER_CALLOUT_CANNOT;
    }

    r = f->ctx->request;
    uscf = cluster.data ? ngx_http_outrider_cluster_named(r, &cluster) : NULL;

    if (uscf == NULL) {
        return NGX_OUTRIDER_CALLOUT_NO_CLUSTER;
    }

    callout = ngx_pcalloc(r->pool, sizeof(ngx_http_outrider_callout_t));
    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));

    if (callout == NULL || ps == NULL) {
        return NGX_OUTRIDER_CALLOUT_CANNOT;
    }

    rc = ngx_http_outrider_callout_request(r->pool, callout, fields, n);

    if (rc != NGX_OUTRIDER_CALLOUT_STARTED) {
        return rc;
    }

    if (body.data && body.len
        && ngx_http_outrider_body_append(&callout->body, body.data, body.len)
           != NGX_OK)
    {
        return NGX_OUTRIDER_CALLOUT_CANNOT;
    }

    ps->handler = ngx_http_outrider_callout_end;
    ps->data = callout;

    if (ngx_http_subrequest(r, &uri, NULL, &sr, ps,
                            NGX_HTTP_SUBREQUEST_BACKGROUND)
        != NGX_OK)
    {
        ngx_http_outrider_body_release(&callout->body);
        return NGX_OUTRIDER_CALLOUT_CANNOT;
    }

    ngx_http_set_ctx(sr, callout, ngx_http_outrider_module);

    /* no phases: it has no location but this code */
    sr->write_event_handler = ngx_http_outrider_callout_start;

    callout->request = sr;
    callout->filter = f;
    callout->upstream = uscf;
    callout->streamed = streamed;
    callout->whole = whole;
    callout->timeout = timeout && timeout < NGX_MAX_INT32_VALUE
                       ? (ngx_msec_t) timeout : NGX_HTTP_OUTRIDER_CALLOUT_TIME;
    callout->id = ++ngx_http_outrider_last_callout;

    callout->next = f->callouts;
    f->callouts = callout;

    callout->timer.handler = ngx_http_outrider_callout_timer;
    callout->timer.data = callout;
    callout->timer.log = r->connection->log;
    callout->timer.cancelable = 1;

    ngx_add_timer(&callout->timer, callout->timeout);

    /* posted requests run when nginx's event is over; this hook may be one of another */
    ngx_http_outrider_ask(f->ctx);

    *id = callout->id;

    return NGX_OUTRIDER_CALLOUT_STARTED;
}


uint32_t
NGX_OUTRIDER_CALLBACK(http_filter_http_callout)(void *host, uint64_t *id,
    ngx_outrider_text_t cluster, ngx_outrider_field_t *fields, size_t n,
    ngx_outrider_text_t body, uint64_t timeout)
{
    return ngx_http_outrider_callout_begin(host, id, cluster, fields, n, body,
                                           1, timeout, 0);
}


/*
 * nginx sends a request when it is whole: what a module writes piece by piece
 * is kept until then, within outrider_buffer_size.  The answer is streamed.
 */

uint32_t
NGX_OUTRIDER_CALLBACK(http_filter_start_http_stream)(void *host, uint64_t *id,
    ngx_outrider_text_t cluster, ngx_outrider_field_t *fields, size_t n,
    ngx_outrider_text_t body, bool end, uint64_t timeout)
{
    return ngx_http_outrider_callout_begin(host, id, cluster, fields, n, body,
                                           end, timeout, 1);
}


void
NGX_OUTRIDER_CALLBACK(http_filter_reset_http_stream)(void *host, uint64_t id)
{
    ngx_http_outrider_callout_t  *callout;

    callout = ngx_http_outrider_callout_by(host, id);

    if (callout) {
        /* not within the hook that asks for it */
        ngx_add_timer(&callout->timer, 1);
    }
}


/* The request ends: nginx closes the connections, and nobody is told any more. */

void
ngx_http_outrider_cancel_callouts(ngx_http_outrider_filter_t *f)
{
    ngx_http_outrider_callout_t  *callout, *next;

    for (callout = f->callouts; callout; callout = next) {
        next = callout->next;

        callout->filter = NULL;
        ngx_http_outrider_callout_release(callout);
    }

    f->callouts = NULL;
}


/*
 * The response is sent: a callout that is still under way would keep the
 * request until its own time is up.  The request may be gone when this returns
 * true; posted requests are to be run then.
 */

ngx_uint_t
ngx_http_outrider_abandon_callouts(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_outrider_filter_t   *f;
    ngx_http_outrider_callout_t  *callout, *next, *all;

    all = NULL;

    for (f = ctx->first; f; f = f->next) {

        for (callout = f->callouts; callout; callout = next) {
            next = callout->next;

            callout->filter = NULL;
            callout->next = all;
            all = callout;

            ngx_http_outrider_callout_release(callout);
        }

        f->callouts = NULL;
    }

    if (all == NULL) {
        return 0;
    }

    for (callout = all; callout; callout = next) {
        /* each holds the request, so that there is a next one to go on with */
        next = callout->next;
        ngx_http_outrider_callout_kill(callout);
    }

    return 1;
}
