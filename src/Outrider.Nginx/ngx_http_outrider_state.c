
/*
 * Filter state: what one module leaves for another, bytes or an object with its
 * destructor, under a key, as long as the request lives.
 */


#include "ngx_http_outrider_metadata.h"


/* of the ABI's life spans (filter chain, request, connection) the last */
#define NGX_HTTP_OUTRIDER_SPAN_CONNECTION  2


struct ngx_http_outrider_state_s {
    ngx_str_t                   key;
    ngx_str_t                   bytes;
    void                       *object;
    void                      (*destroy)(void *object);
    uint32_t                    span;
    ngx_http_outrider_state_t  *next;
};


static ngx_uint_t
ngx_http_outrider_span_is_known(uint32_t span)
{
    if (span < NGX_HTTP_OUTRIDER_SPAN_CONNECTION) {
        return 1;
    }

    ngx_http_outrider_cannot("for state of a connection",
                             "filter state lives as long as its request");
    return 0;
}


static ngx_http_outrider_state_t *
ngx_http_outrider_state(ngx_http_outrider_ctx_t *ctx, u_char *key, size_t len)
{
    ngx_http_outrider_state_t  *s;

    for (s = ctx->state; s; s = s->next) {
        if (s->key.len == len && ngx_memcmp(s->key.data, key, len) == 0) {
            return s;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_outrider_state_text(ngx_http_outrider_ctx_t *ctx, ngx_str_t *key,
    ngx_str_t *text)
{
    ngx_http_outrider_state_t  *s;

    s = ngx_http_outrider_state(ctx, key->data, key->len);

    if (s == NULL || s->object) {
        return NGX_DECLINED;
    }

    *text = s->bytes;

    return NGX_OK;
}


void
ngx_http_outrider_state_destroy(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_outrider_state_t  *s;

    for (s = ctx->state; s; s = s->next) {
        if (s->object && s->destroy) {
            s->destroy(s->object);
        }
    }

    ctx->state = NULL;
}


static ngx_http_outrider_state_t *
ngx_http_outrider_add_state(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_text_t *key)
{
    ngx_http_outrider_state_t  *s;

    s = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_outrider_state_t));

    if (s == NULL
        || ngx_http_outrider_keep_text(ctx, &s->key, key->data, key->len)
           != NGX_OK)
    {
        return NULL;
    }

    s->next = ctx->state;
    ctx->state = s;

    return s;
}


/* What is set stays: another value for it is refused. */

static bool
ngx_http_outrider_set_state(void *host, ngx_outrider_text_t key,
    ngx_outrider_text_t value)
{
    ngx_http_outrider_state_t   *s;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || f->ctx->closed || key.data == NULL || key.len > 65535
        || value.len > 16 * 1024 * 1024 || (value.data == NULL && value.len)
        || ngx_http_outrider_state(f->ctx, key.data, key.len))
    {
        return false;
    }

    s = ngx_http_outrider_add_state(f->ctx, &key);

    return s && ngx_http_outrider_keep_text(f->ctx, &s->bytes, value.data,
                                            value.len)
                == NGX_OK;
}


static bool
ngx_http_outrider_get_state(void *host, ngx_outrider_text_t key,
    ngx_outrider_text_t *value)
{
    ngx_http_outrider_state_t   *s;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || key.data == NULL) {
        return false;
    }

    s = ngx_http_outrider_state(f->ctx, key.data, key.len);

    if (s == NULL || s->object) {
        return false;
    }

    value->data = s->bytes.data;
    value->len = s->bytes.len;

    return true;
}


bool
NGX_OUTRIDER_CALLBACK(http_set_filter_state_bytes)(void *host,
    ngx_outrider_text_t key, ngx_outrider_text_t value)
{
    return ngx_http_outrider_set_state(host, key, value);
}


bool
NGX_OUTRIDER_CALLBACK(http_set_filter_state_typed)(void *host,
    ngx_outrider_text_t key, ngx_outrider_text_t value)
{
    return ngx_http_outrider_set_state(host, key, value);
}


bool
NGX_OUTRIDER_CALLBACK(http_set_filter_state_value)(void *host,
    ngx_outrider_text_t key, ngx_outrider_text_t value, uint32_t span,
    uint32_t sharing)
{
    return ngx_http_outrider_span_is_known(span)
           && ngx_http_outrider_set_state(host, key, value);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_filter_state_bytes)(void *host,
    ngx_outrider_text_t key, ngx_outrider_text_t *value)
{
    return ngx_http_outrider_get_state(host, key, value);
}


bool
NGX_OUTRIDER_CALLBACK(http_get_filter_state_typed)(void *host,
    ngx_outrider_text_t key, ngx_outrider_text_t *value)
{
    return ngx_http_outrider_get_state(host, key, value);
}


bool
NGX_OUTRIDER_CALLBACK(http_has_filter_state)(void *host,
    ngx_outrider_text_t key)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    return f && key.data && ngx_http_outrider_state(f->ctx, key.data, key.len);
}


/* The object is given away with the call, whatever becomes of it. */

bool
NGX_OUTRIDER_CALLBACK(http_set_filter_state_object)(void *host,
    ngx_outrider_text_t key, void *object, void (*destroy)(void *object),
    uint32_t span)
{
    ngx_http_outrider_state_t   *s;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || f->ctx->closed || key.data == NULL || key.len > 65535
        || object == NULL || !ngx_http_outrider_span_is_known(span))
    {
        goto refused;
    }

    s = ngx_http_outrider_state(f->ctx, key.data, key.len);

    if (s) {
        if (s->object == NULL || s->span != span) {
            goto refused;
        }

        if (s->destroy) {
            s->destroy(s->object);
        }

    } else {
        s = ngx_http_outrider_add_state(f->ctx, &key);
        if (s == NULL) {
            goto refused;
        }
    }

    s->object = object;
    s->destroy = destroy;
    s->span = span;

    return true;

refused:

    if (object && destroy) {
        destroy(object);
    }

    return false;
}


void *
NGX_OUTRIDER_CALLBACK(http_get_filter_state_object)(void *host,
    ngx_outrider_text_t key)
{
    ngx_http_outrider_state_t   *s;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || key.data == NULL) {
        return NULL;
    }

    s = ngx_http_outrider_state(f->ctx, key.data, key.len);

    return s ? s->object : NULL;
}
