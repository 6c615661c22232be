
/*
 * What a module may ask of its request by number: Envoy's attributes, in the
 * order of the ABI, as far as nginx knows them.  What it does not know, or not
 * yet, is not found.
 */


#include "ngx_http_outrider_attributes.h"
#include "ngx_http_outrider_fields.h"


/* of Envoy's response flags, by their bits, those that nginx knows */
#define NGX_OUTRIDER_FLAG_LOCAL_RESET       (1 << 3)
#define NGX_OUTRIDER_FLAG_DOWNSTREAM_GONE   (1 << 14)


static ngx_int_t
ngx_http_outrider_header_in(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash && h[i].key.len == ngx_strlen(name)
                && ngx_strncasecmp(h[i].key.data, (u_char *) name,
                                   h[i].key.len)
                   == 0)
            {
                *value = h[i].value;
                return NGX_OK;
            }
        }
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_outrider_address(ngx_http_request_t *r, struct sockaddr *sa,
    socklen_t len, ngx_str_t *value)
{
    value->data = ngx_pnalloc(r->pool, NGX_SOCKADDR_STRLEN);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    value->len = ngx_sock_ntop(sa, len, value->data, NGX_SOCKADDR_STRLEN, 1);

    return value->len ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_outrider_variable_text(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_str_t                   key;
    ngx_http_variable_value_t  *v;

    key.data = (u_char *) name;
    key.len = ngx_strlen(name);

    v = ngx_http_get_variable(r, &key, ngx_hash_key(key.data, key.len));

    if (v == NULL || v->not_found || v->len == 0) {
        return NGX_DECLINED;
    }

    value->data = v->data;
    value->len = v->len;

    return NGX_OK;
}


ngx_http_upstream_state_t *
ngx_http_outrider_upstream_state(ngx_http_request_t *r)
{
    ngx_http_upstream_state_t  *state;

    if (r->upstream_states == NULL || r->upstream_states->nelts == 0) {
        return NULL;
    }

    state = r->upstream_states->elts;

    return state[r->upstream_states->nelts - 1].peer
           ? &state[r->upstream_states->nelts - 1] : NULL;
}


static ngx_int_t
ngx_http_outrider_cluster(ngx_http_request_t *r, ngx_str_t *value)
{
    if (r->upstream == NULL || r->upstream->upstream == NULL) {
        return NGX_DECLINED;
    }

    *value = r->upstream->upstream->host;

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_attribute_text(ngx_http_outrider_ctx_t *ctx, uint32_t id,
    ngx_str_t *value)
{
    u_char                     *p;
    ngx_http_request_t         *r;
    ngx_connection_t           *c;
    ngx_http_core_srv_conf_t   *cscf;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_upstream_state_t  *state;

    r = ctx->request;
    c = r->connection;

    switch (id) {

    case NGX_OUTRIDER_REQUEST_PATH:
        *value = r->unparsed_uri;
        return NGX_OK;

    case NGX_OUTRIDER_REQUEST_URL_PATH:
        *value = r->unparsed_uri;
        p = ngx_strlchr(value->data, value->data + value->len, '?');

        if (p) {
            value->len = p - value->data;
        }

        return NGX_OK;

    case NGX_OUTRIDER_REQUEST_QUERY:
        *value = r->args;
        return NGX_OK;

    case NGX_OUTRIDER_REQUEST_HOST:
        return ngx_http_outrider_request_get(ctx, (u_char *) ":authority", 10,
                                             value);

    case NGX_OUTRIDER_REQUEST_SCHEME:
        return ngx_http_outrider_request_get(ctx, (u_char *) ":scheme", 7,
                                             value);

    case NGX_OUTRIDER_REQUEST_METHOD:
        *value = r->method_name;
        return NGX_OK;

    case NGX_OUTRIDER_REQUEST_REFERER:
        return ngx_http_outrider_header_in(r, "referer", value);

    case NGX_OUTRIDER_REQUEST_USER_AGENT:
        return ngx_http_outrider_header_in(r, "user-agent", value);

    case NGX_OUTRIDER_REQUEST_ID:
        return ngx_http_outrider_header_in(r, "x-request-id", value) == NGX_OK
               ? NGX_OK : ngx_http_outrider_variable_text(r, "request_id",
                                                          value);

    case NGX_OUTRIDER_REQUEST_PROTOCOL:
        switch (r->http_version) {

        case NGX_HTTP_VERSION_10:
            ngx_str_set(value, "HTTP/1.0");
            return NGX_OK;

        case NGX_HTTP_VERSION_11:
            ngx_str_set(value, "HTTP/1.1");
            return NGX_OK;

        case NGX_HTTP_VERSION_20:
            ngx_str_set(value, "HTTP/2");
            return NGX_OK;

        default:
            *value = r->http_protocol;
            return value->len ? NGX_OK : NGX_DECLINED;
        }

    case NGX_OUTRIDER_RESPONSE_CODE_DETAILS:
        *value = ctx->details;
        return value->len ? NGX_OK : NGX_DECLINED;

    case NGX_OUTRIDER_SOURCE_ADDRESS:
        return ngx_http_outrider_address(r, c->sockaddr, c->socklen, value);

    case NGX_OUTRIDER_DESTINATION_ADDRESS:
        return ngx_connection_local_sockaddr(c, NULL, 0) == NGX_OK
               ? ngx_http_outrider_address(r, c->local_sockaddr,
                                           c->local_socklen, value)
               : NGX_DECLINED;

    case NGX_OUTRIDER_CONNECTION_SERVER_NAME:
        return ngx_http_outrider_variable_text(r, "ssl_server_name", value);

    case NGX_OUTRIDER_CONNECTION_TLS_VERSION:
        return ngx_http_outrider_variable_text(r, "ssl_protocol", value);

    case NGX_OUTRIDER_CONNECTION_PEER_SUBJECT:
        return ngx_http_outrider_variable_text(r, "ssl_client_s_dn", value);

    case NGX_OUTRIDER_UPSTREAM_ADDRESS:
        state = ngx_http_outrider_upstream_state(r);

        if (state == NULL) {
            return NGX_DECLINED;
        }

        *value = *state->peer;
        return NGX_OK;

    case NGX_OUTRIDER_CLUSTER_NAME:
        return ngx_http_outrider_cluster(r, value);

    case NGX_OUTRIDER_ROUTE_NAME:
        clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
        *value = clcf->name;
        return value->len ? NGX_OK : NGX_DECLINED;

    case NGX_OUTRIDER_VIRTUAL_HOST_NAME:
        cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);
        *value = cscf->server_name;
        return value->len ? NGX_OK : NGX_DECLINED;

    case NGX_OUTRIDER_FILTER_CHAIN_NAME:
        *value = c->listening->addr_text;
        return NGX_OK;

    case NGX_OUTRIDER_CONNECTION_LOCAL_SUBJECT:
    case NGX_OUTRIDER_CONNECTION_PEER_SUBJECT + 1:
    case NGX_OUTRIDER_CONNECTION_PEER_SUBJECT + 2:
    case NGX_OUTRIDER_CONNECTION_PEER_SUBJECT + 3:
    case NGX_OUTRIDER_CONNECTION_PEER_SUBJECT + 4:
    case NGX_OUTRIDER_CONNECTION_PEER_DIGEST:
        ngx_http_outrider_cannot("for an attribute of certificates",
                                 "the client's subject is all that is told; "
                                 "nginx has more in variables");
        return NGX_DECLINED;

    default:
        return NGX_DECLINED;
    }
}


static ngx_int_t
ngx_http_outrider_port(struct sockaddr *sa, uint64_t *value)
{
    if (sa == NULL || sa->sa_family == AF_UNIX) {
        return NGX_DECLINED;
    }

    *value = ngx_inet_get_port(sa);

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_upstream_port(ngx_http_request_t *r, uint64_t *value)
{
    u_char                     *p, *last;
    ngx_int_t                   port;
    ngx_http_upstream_state_t  *state;

    state = ngx_http_outrider_upstream_state(r);

    if (state == NULL) {
        return NGX_DECLINED;
    }

    last = state->peer->data + state->peer->len;

    for (p = last; p > state->peer->data && p[-1] != ':'; p--) { /* void */ }

    port = ngx_atoi(p, last - p);

    if (port == NGX_ERROR) {
        return NGX_DECLINED;
    }

    *value = port;

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_attribute_number(ngx_http_outrider_ctx_t *ctx, uint32_t id,
    uint64_t *value)
{
    ngx_time_t                 *tp;
    ngx_http_request_t         *r;
    ngx_connection_t           *c;
    ngx_http_upstream_state_t  *state;

    r = ctx->request;
    c = r->connection;

    switch (id) {

    case NGX_OUTRIDER_REQUEST_DURATION:
        if (!ctx->logged) {
            return NGX_DECLINED;
        }

        tp = ngx_timeofday();
        *value = (uint64_t) ((tp->sec - r->start_sec) * 1000
                             + (ngx_msec_int_t) (tp->msec - r->start_msec))
                 * NGX_OUTRIDER_MS;
        return NGX_OK;

    case NGX_OUTRIDER_REQUEST_SIZE:
        *value = r->headers_in.content_length_n > 0
                 ? r->headers_in.content_length_n : 0;
        return NGX_OK;

    case NGX_OUTRIDER_REQUEST_TOTAL_SIZE:
        *value = r->request_length;
        return NGX_OK;

    case NGX_OUTRIDER_RESPONSE_CODE:
        *value = r->headers_out.status;
        return *value ? NGX_OK : NGX_DECLINED;

    case NGX_OUTRIDER_RESPONSE_FLAGS:
        *value = ctx->cut || ctx->reset ? NGX_OUTRIDER_FLAG_LOCAL_RESET
                 : c->error || c->timedout ? NGX_OUTRIDER_FLAG_DOWNSTREAM_GONE
                 : 0;
        return NGX_OK;

    case NGX_OUTRIDER_RESPONSE_SIZE:
        *value = ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].passed;
        return NGX_OK;

    case NGX_OUTRIDER_RESPONSE_TOTAL_SIZE:
        *value = c->sent;
        return NGX_OK;

    case NGX_OUTRIDER_RESPONSE_BACKEND_LATENCY:
        state = ngx_http_outrider_upstream_state(r);

        if (state == NULL || state->header_time == (ngx_msec_t) -1) {
            return NGX_DECLINED;
        }

        *value = (uint64_t) state->header_time * NGX_OUTRIDER_MS;
        return NGX_OK;

    case NGX_OUTRIDER_SOURCE_PORT:
        return ngx_http_outrider_port(c->sockaddr, value);

    case NGX_OUTRIDER_DESTINATION_PORT:
        return ngx_connection_local_sockaddr(c, NULL, 0) == NGX_OK
               ? ngx_http_outrider_port(c->local_sockaddr, value)
               : NGX_DECLINED;

    case NGX_OUTRIDER_CONNECTION_ID:
        *value = c->number;
        return NGX_OK;

    case NGX_OUTRIDER_UPSTREAM_PORT:
        return ngx_http_outrider_upstream_port(r, value);

    case NGX_OUTRIDER_UPSTREAM_ATTEMPTS:
        *value = r->upstream_states ? r->upstream_states->nelts : 0;
        return NGX_OK;

    default:
        return NGX_DECLINED;
    }
}


bool
NGX_OUTRIDER_CALLBACK(http_filter_get_attribute_string)(void *host,
    uint32_t id, ngx_outrider_text_t *result)
{
    ngx_str_t                    value;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL
        || ngx_http_outrider_attribute_text(f->ctx, id, &value) != NGX_OK)
    {
        return false;
    }

    result->data = value.data;
    result->len = value.len;

    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_filter_get_attribute_int)(void *host, uint32_t id,
    uint64_t *result)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f && ngx_http_outrider_attribute_number(f->ctx, id, result)
                == NGX_OK;
}


bool
NGX_OUTRIDER_CALLBACK(http_filter_get_attribute_bool)(void *host, uint32_t id,
    bool *result)
{
    ngx_str_t                    value;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL) {
        return false;
    }

    switch (id) {

    case NGX_OUTRIDER_CONNECTION_MTLS:
        *result = ngx_http_outrider_variable_text(f->ctx->request,
                                                  "ssl_client_s_dn", &value)
                  == NGX_OK;
        return true;

    case NGX_OUTRIDER_HEALTH_CHECK:
        *result = false;
        return true;

    default:
        return false;
    }
}
