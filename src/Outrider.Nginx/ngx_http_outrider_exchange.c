
/*
 * What a module may ask about the exchange with an upstream: its addresses, its
 * hosts, and points in time.
 */


#include "ngx_http_outrider_attributes.h"


static bool
ngx_http_outrider_text(void *host, uint32_t id, ngx_outrider_text_t *result)
{
    return NGX_OUTRIDER_CALLBACK(http_filter_get_attribute_string)(host, id,
                                                                   result);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_cluster_name)(void *host,
    ngx_outrider_text_t *result)
{
    return ngx_http_outrider_text(host, NGX_OUTRIDER_CLUSTER_NAME, result);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_upstream_remote_address)(void *host,
    ngx_outrider_text_t *result)
{
    return ngx_http_outrider_text(host, NGX_OUTRIDER_UPSTREAM_ADDRESS, result);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_downstream_direct_remote_address)(void *host,
    ngx_outrider_text_t *result)
{
    return ngx_http_outrider_text(host, NGX_OUTRIDER_SOURCE_ADDRESS, result);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_cluster_host_count)(void *host,
    uint32_t priority, size_t *total, size_t *healthy, size_t *degraded)
{
    size_t                         n;
    ngx_uint_t                     i;
    ngx_http_upstream_server_t    *server;
    ngx_http_outrider_filter_t    *f;
    ngx_http_upstream_srv_conf_t  *uscf;

    f = ngx_http_outrider_find(host);

    if (f == NULL || priority > 1 || f->ctx->request->upstream == NULL
        || f->ctx->request->upstream->upstream == NULL
        || f->ctx->request->upstream->upstream->servers == NULL)
    {
        return false;
    }

    uscf = f->ctx->request->upstream->upstream;
    server = uscf->servers->elts;
    n = 0;

    for (i = 0; i < uscf->servers->nelts; i++) {
        if (server[i].backup == priority && !server[i].down) {
            n += server[i].naddrs;
        }
    }

    if (total) {
        *total = n;
    }

    if (healthy) {
        *healthy = n;
    }

    if (degraded) {
        *degraded = 0;
    }

    return true;
}


static size_t
ngx_http_outrider_attempts(ngx_http_request_t *r, ngx_outrider_text_t *hosts)
{
    size_t                      n;
    ngx_uint_t                  i;
    ngx_http_upstream_state_t  *state;

    if (r->upstream_states == NULL) {
        return 0;
    }

    state = r->upstream_states->elts;
    n = 0;

    for (i = 0; i < r->upstream_states->nelts; i++) {

        if (state[i].peer == NULL) {
            continue;
        }

        if (hosts) {
            hosts[n].data = state[i].peer->data;
            hosts[n].len = state[i].peer->len;
        }

        n++;
    }

    return n;
}


size_t
NGX_OUTRIDER_CALLBACK(http_get_upstream_hosts_attempted_size)(void *host)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f ? ngx_http_outrider_attempts(f->ctx->request, NULL) : 0;
}


bool
NGX_OUTRIDER_CALLBACK(http_get_upstream_hosts_attempted)(void *host,
    ngx_outrider_text_t *hosts)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL) {
        return false;
    }

    (void) ngx_http_outrider_attempts(f->ctx->request, hosts);

    return true;
}


/*
 * Points in time, in nanoseconds: the start since 1970, the others since the
 * start; those that nginx does not keep are marked as not known.
 */

#define NGX_OUTRIDER_POINTS  19

typedef struct {
    int64_t  ns[NGX_OUTRIDER_POINTS];
    uint8_t  known[NGX_OUTRIDER_POINTS];
} ngx_outrider_timing_t;

enum {
    NGX_OUTRIDER_TIME_START = 0,
    NGX_OUTRIDER_TIME_REQUEST_SENT = 9,
    NGX_OUTRIDER_TIME_RESPONSE_RECEIVED = 11,
    NGX_OUTRIDER_TIME_RESPONSE_SENT = 15,
    NGX_OUTRIDER_TIME_END = 17
};


static void
ngx_http_outrider_point(ngx_outrider_timing_t *t, ngx_uint_t point, int64_t ms)
{
    t->ns[point] = ms * NGX_OUTRIDER_MS;
    t->known[point] = 1;
}


void
NGX_OUTRIDER_CALLBACK(http_get_timing_info)(void *host,
    ngx_outrider_timing_t *result)
{
    int64_t                      now, before;
    ngx_uint_t                   i;
    ngx_time_t                  *tp;
    ngx_http_request_t          *r;
    ngx_http_upstream_state_t   *state;
    ngx_http_outrider_filter_t  *f;

    for (i = 0; i < NGX_OUTRIDER_POINTS; i++) {
        result->ns[i] = -1;
        result->known[i] = 0;
    }

    f = ngx_http_outrider_find(host);

    if (f == NULL) {
        return;
    }

    r = f->ctx->request;
    tp = ngx_timeofday();

    now = (int64_t) (tp->sec - r->start_sec) * 1000
          + (ngx_msec_int_t) (tp->msec - r->start_msec);

    ngx_http_outrider_point(result, NGX_OUTRIDER_TIME_START,
                            (int64_t) r->start_sec * 1000 + r->start_msec);

    state = ngx_http_outrider_upstream_state(r);

    if (state && state->header_time != (ngx_msec_t) -1) {

        /* an upstream's times count from when it was begun, which is how long ago it was */

        before = now;

        if (state->response_time != (ngx_msec_t) -1
            && f->ctx->logged && before > (int64_t) state->response_time)
        {
            before -= state->response_time;

        } else if (before > (int64_t) state->header_time) {
            before -= state->header_time;

        } else {
            before = 0;
        }

        ngx_http_outrider_point(result, NGX_OUTRIDER_TIME_REQUEST_SENT,
                                before);
        ngx_http_outrider_point(result, NGX_OUTRIDER_TIME_RESPONSE_RECEIVED,
                                before + state->header_time);
    }

    if (f->ctx->logged) {
        ngx_http_outrider_point(result, NGX_OUTRIDER_TIME_RESPONSE_SENT, now);
        ngx_http_outrider_point(result, NGX_OUTRIDER_TIME_END, now);
    }
}
