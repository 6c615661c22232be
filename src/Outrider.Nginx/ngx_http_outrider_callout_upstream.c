
/*
 * HTTP/1.1 towards an upstream, for callouts: the request, and the answer's
 * head and body out of nginx's buffers.
 */


#include "ngx_http_outrider_callout.h"


static ngx_int_t ngx_http_outrider_create_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_outrider_reinit_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_outrider_process_status(ngx_http_request_t *r);
static ngx_int_t ngx_http_outrider_process_header(ngx_http_request_t *r);
static void ngx_http_outrider_abort_request(ngx_http_request_t *r);
static void ngx_http_outrider_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc);
static ngx_int_t ngx_http_outrider_input_init(void *data);
static ngx_int_t ngx_http_outrider_input(void *data, ssize_t bytes);


/* what an answer's head must fit into */
#define NGX_HTTP_OUTRIDER_HEAD  16384


/*
 * The settings of an upstream, by hand: there is no directive that they could
 * come from.  Headers are hidden by a table that must not be empty.
 */

static ngx_http_upstream_conf_t *
ngx_http_outrider_callout_conf(ngx_http_request_t *r,
    ngx_http_outrider_callout_t *callout)
{
    ngx_http_upstream_conf_t  *conf;

    static ngx_hash_elt_t     *buckets[1];

    conf = ngx_pcalloc(r->pool, sizeof(ngx_http_upstream_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->upstream = callout->upstream;
    conf->connect_timeout = callout->timeout;
    conf->send_timeout = callout->timeout;
    conf->read_timeout = callout->timeout;
    conf->next_upstream_timeout = 0;
    conf->next_upstream = NGX_CONF_BITMASK_SET|NGX_HTTP_UPSTREAM_FT_ERROR
                          |NGX_HTTP_UPSTREAM_FT_TIMEOUT;
    conf->buffer_size = NGX_HTTP_OUTRIDER_HEAD;
    conf->buffering = 0;
    conf->ignore_client_abort = 1;
    conf->pass_request_headers = 1;
    conf->pass_request_body = 1;
    conf->module.len = sizeof("outrider") - 1;
    conf->module.data = (u_char *) "outrider";

    conf->hide_headers_hash.buckets = buckets;
    conf->hide_headers_hash.size = 1;

    return conf;
}


void
ngx_http_outrider_callout_start(ngx_http_request_t *sr)
{
    ngx_http_upstream_t          *u;
    ngx_http_outrider_callout_t  *callout;

    callout = ngx_http_outrider_callout_of(sr);

    if (callout->started) {
        return;
    }

    if (callout->cancelled || callout->filter == NULL) {
        callout->started = 1;
        ngx_http_finalize_request(sr, NGX_DONE);
        return;
    }

    if (!callout->whole) {
        return;
    }

    callout->started = 1;

    if (ngx_http_upstream_create(sr) != NGX_OK) {
        ngx_http_finalize_request(sr, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    u = sr->upstream;

    u->conf = ngx_http_outrider_callout_conf(sr, callout);
    if (u->conf == NULL) {
        ngx_http_finalize_request(sr, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_str_set(&u->schema, "http://");

    u->output.tag = (ngx_buf_tag_t) &ngx_http_outrider_callout_start;
    u->create_request = ngx_http_outrider_create_request;
    u->reinit_request = ngx_http_outrider_reinit_request;
    u->process_header = ngx_http_outrider_process_status;
    u->abort_request = ngx_http_outrider_abort_request;
    u->finalize_request = ngx_http_outrider_finalize_request;

    u->input_filter_init = ngx_http_outrider_input_init;
    u->input_filter = ngx_http_outrider_input;
    u->input_filter_ctx = callout;

    /* the client's body is not the callout's */
    sr->request_body = NULL;

    ngx_http_upstream_init(sr);
}


static ngx_int_t
ngx_http_outrider_create_request(ngx_http_request_t *r)
{
    ngx_buf_t                    *b;
    ngx_chain_t                  *cl;
    ngx_http_outrider_callout_t  *callout;

    callout = ngx_http_outrider_callout_of(r);

    b = ngx_create_temp_buf(r->pool, callout->head.len
                            + sizeof("Content-Length: " CRLF CRLF)
                            + NGX_SIZE_T_LEN);
    cl = ngx_alloc_chain_link(r->pool);
    if (b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    b->last = ngx_cpymem(b->last, callout->head.data, callout->head.len);

    if (callout->body.len) {
        b->last = ngx_sprintf(b->last, "Content-Length: %uz" CRLF,
                              callout->body.len);
    }

    *b->last++ = CR;
    *b->last++ = LF;

    cl->buf = b;
    cl->next = NULL;
    r->upstream->request_bufs = cl;

    if (callout->body.len) {
        b = ngx_calloc_buf(r->pool);
        cl->next = ngx_alloc_chain_link(r->pool);
        if (b == NULL || cl->next == NULL) {
            return NGX_ERROR;
        }

        /* kept until the callout's end, for a second host as well */

        b->start = callout->body.data;
        b->pos = callout->body.data;
        b->last = callout->body.data + callout->body.len;
        b->end = b->last;
        b->memory = 1;
        b->last_buf = 1;

        cl = cl->next;
        cl->buf = b;
        cl->next = NULL;
    }

    cl->buf->flush = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_reinit_request(ngx_http_request_t *r)
{
    ngx_http_outrider_callout_t  *callout;

    callout = ngx_http_outrider_callout_of(r);

    ngx_memzero(&callout->status, sizeof(ngx_http_status_t));
    ngx_memzero(&callout->chunked, sizeof(ngx_http_chunked_t));

    r->upstream->process_header = ngx_http_outrider_process_status;
    r->state = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_process_status(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_upstream_t          *u;
    ngx_http_outrider_callout_t  *callout;

    u = r->upstream;
    callout = ngx_http_outrider_callout_of(r);

    rc = ngx_http_parse_status_line(r, &u->buffer, &callout->status);

    if (rc == NGX_AGAIN) {
        return rc;
    }

    if (rc == NGX_ERROR || callout->status.code < 200) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "outrider: an upstream answered a callout with no "
                      "response of HTTP/1");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    u->headers_in.status_n = callout->status.code;
    u->headers_in.content_length_n = -1;
    u->headers_in.connection_close = callout->status.http_version
                                     < NGX_HTTP_VERSION_11;

    if (u->state && u->state->status == 0) {
        u->state->status = callout->status.code;
    }

    u->process_header = ngx_http_outrider_process_header;

    return ngx_http_outrider_process_header(r);
}


static ngx_int_t
ngx_http_outrider_process_header(ngx_http_request_t *r)
{
    u_char               *p;
    ngx_int_t             rc;
    ngx_table_elt_t      *h;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    for ( ;; ) {

        rc = ngx_http_parse_header_line(r, &u->buffer, 1);

        if (rc == NGX_HTTP_PARSE_HEADER_DONE) {

            if (u->headers_in.chunked) {
                u->headers_in.content_length_n = -1;
            }

            return NGX_OK;
        }

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc != NGX_OK) {
            return NGX_HTTP_UPSTREAM_INVALID_HEADER;
        }

        h = ngx_list_push(&u->headers_in.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(h, sizeof(ngx_table_elt_t));

        h->hash = r->header_hash ? r->header_hash : 1;
        h->key.len = r->header_name_end - r->header_name_start;
        h->value.len = r->header_end - r->header_start;

        p = ngx_pnalloc(r->pool, h->key.len * 2 + h->value.len + 2);
        if (p == NULL) {
            return NGX_ERROR;
        }

        h->key.data = p;
        p = ngx_cpymem(p, r->header_name_start, h->key.len);
        *p++ = '\0';

        h->value.data = p;
        p = ngx_cpymem(p, r->header_start, h->value.len);
        *p++ = '\0';

        h->lowcase_key = p;
        ngx_strlow(h->lowcase_key, h->key.data, h->key.len);

        if (h->key.len == 14
            && ngx_memcmp(h->lowcase_key, "content-length", 14) == 0)
        {
            u->headers_in.content_length_n = ngx_atoof(h->value.data,
                                                       h->value.len);
            if (u->headers_in.content_length_n == NGX_ERROR) {
                return NGX_HTTP_UPSTREAM_INVALID_HEADER;
            }

        } else if (h->key.len == 17
                   && ngx_memcmp(h->lowcase_key, "transfer-encoding", 17) == 0)
        {
            u->headers_in.chunked = 1;

        } else if (h->key.len == 10
                   && ngx_memcmp(h->lowcase_key, "connection", 10) == 0
                   && h->value.len >= 5
                   && ngx_strcasestrn(h->value.data, "close", 5 - 1))
        {
            u->headers_in.connection_close = 1;
        }
    }
}


static void
ngx_http_outrider_abort_request(ngx_http_request_t *r)
{
}


static void
ngx_http_outrider_finalize_request(ngx_http_request_t *r, ngx_int_t rc)
{
}


static ngx_int_t
ngx_http_outrider_input_init(void *data)
{
    ngx_http_outrider_callout_t *callout = data;

    ngx_http_upstream_t  *u;

    u = callout->request->upstream;

    if (callout->no_body || u->headers_in.status_n == NGX_HTTP_NO_CONTENT
        || u->headers_in.status_n == NGX_HTTP_NOT_MODIFIED
        || u->headers_in.content_length_n == 0)
    {
        u->length = 0;
        u->keepalive = !u->headers_in.connection_close;

    } else if (u->headers_in.chunked) {
        u->length = 1;

    } else {
        u->length = u->headers_in.content_length_n;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_input(void *data, ssize_t bytes)
{
    ngx_http_outrider_callout_t *callout = data;

    size_t                n;
    ngx_int_t             rc;
    ngx_buf_t            *b;
    ngx_http_request_t   *r;
    ngx_http_upstream_t  *u;

    r = callout->request;
    u = r->upstream;
    b = &u->buffer;

    b->last += bytes;

    if (u->headers_in.chunked && u->length) {

        while (!callout->too_large) {

#if (nginx_version >= 1027002)
            rc = ngx_http_parse_chunked(r, b, &callout->chunked, 0);
#else
            rc = ngx_http_parse_chunked(r, b, &callout->chunked);
#endif

            if (rc == NGX_OK) {
                n = ngx_min((off_t) (b->last - b->pos), callout->chunked.size);
                ngx_http_outrider_callout_data(callout, b->pos, n);
                b->pos += n;
                callout->chunked.size -= n;
                continue;
            }

            if (rc == NGX_DONE) {
                u->length = 0;
                u->keepalive = !u->headers_in.connection_close;
                return NGX_OK;
            }

            return rc == NGX_AGAIN ? NGX_OK : NGX_ERROR;
        }

        return NGX_ERROR;
    }

    n = b->last - b->pos;

    if (u->length != -1 && (off_t) n > u->length) {
        n = u->length;
        u->headers_in.connection_close = 1;
    }

    ngx_http_outrider_callout_data(callout, b->pos, n);
    b->pos = b->last;

    if (callout->too_large) {
        return NGX_ERROR;
    }

    if (u->length != -1) {
        u->length -= n;

        if (u->length == 0) {
            u->keepalive = !u->headers_in.connection_close;
        }
    }

    return NGX_OK;
}
