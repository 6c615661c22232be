
/*
 * Bytes of bodies, and the buffers that carry them on to nginx.  Memory of our
 * own is malloc()ed: pools give small pieces back with the request alone, and a
 * body may be long.
 */


#include "ngx_http_outrider.h"


/*
 * The memory is kept apart from buf.start, to which nginx goes back when it
 * sends a request once more: that must be the first byte of the body.
 */

typedef struct {
    ngx_buf_t  buf;
    u_char    *memory;
} ngx_http_outrider_own_buf_t;


static ngx_int_t
ngx_http_outrider_body_reserve(ngx_http_outrider_body_t *b, size_t more)
{
    u_char  *start;
    size_t   size;

    if (more > NGX_MAX_SIZE_T_VALUE / 2 - b->len) {
        return NGX_ERROR;
    }

    if (b->start && (size_t) (b->start + b->size - b->data) >= b->len + more) {
        return NGX_OK;
    }

    if (b->start && b->size >= b->len + more && b->len <= b->size / 2) {
        ngx_memmove(b->start, b->data, b->len);
        b->data = b->start;
        return NGX_OK;
    }

    size = ngx_max(b->len + more, (b->start ? 2 * b->size : 0));
    size = ngx_max(size, 256);

    start = malloc(size);
    if (start == NULL) {
        return NGX_ERROR;
    }

    if (b->len) {
        ngx_memcpy(start, b->data, b->len);
    }

    free(b->start);

    b->start = start;
    b->size = size;
    b->data = start;

    return NGX_OK;
}


ngx_int_t
ngx_http_outrider_body_append(ngx_http_outrider_body_t *b, u_char *data,
    size_t len)
{
    if (len == 0) {
        return NGX_OK;
    }

    if (ngx_http_outrider_body_reserve(b, len) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(b->data + b->len, data, len);
    b->len += len;

    return NGX_OK;
}


ngx_int_t
ngx_http_outrider_body_copy(ngx_http_outrider_body_t *b)
{
    return ngx_http_outrider_body_reserve(b, 0);
}


ngx_int_t
ngx_http_outrider_body_move(ngx_http_outrider_body_t *to,
    ngx_http_outrider_body_t *from)
{
    if (to->len == 0) {
        ngx_http_outrider_body_release(to);
        *to = *from;
        ngx_memzero(from, sizeof(ngx_http_outrider_body_t));
        return NGX_OK;
    }

    if (ngx_http_outrider_body_append(to, from->data, from->len) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_outrider_body_release(from);

    return NGX_OK;
}


void
ngx_http_outrider_body_drain(ngx_http_outrider_body_t *b, size_t len)
{
    if (len >= b->len) {
        b->data += b->len;
        b->len = 0;
        return;
    }

    b->data += len;
    b->len -= len;
}


void
ngx_http_outrider_body_free(ngx_http_outrider_body_t *b)
{
    free(b->start);
    ngx_memzero(b, sizeof(ngx_http_outrider_body_t));
}


static void
ngx_http_outrider_free_buf(ngx_buf_t *b)
{
    ngx_http_outrider_own_buf_t  *own;

    own = (ngx_http_outrider_own_buf_t *) b;

    free(own->memory);

    own->memory = NULL;
    b->pos = b->last = b->start = b->end = NULL;
}


static ngx_buf_t *
ngx_http_outrider_out_link(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side)
{
    ngx_chain_t  *cl;

    cl = side->free;

    if (cl) {
        side->free = cl->next;

    } else {
        cl = ngx_alloc_chain_link(ctx->request->pool);
        if (cl == NULL) {
            return NULL;
        }

        cl->buf = ngx_pcalloc(ctx->request->pool,
                              sizeof(ngx_http_outrider_own_buf_t));
        if (cl->buf == NULL) {
            return NULL;
        }
    }

    ngx_http_outrider_free_buf(cl->buf);
    ngx_memzero(cl->buf, sizeof(ngx_buf_t));

    cl->buf->tag = side->tag;

    cl->next = NULL;
    *side->last_out = cl;
    side->last_out = &cl->next;

    return cl->buf;
}


/* A buffer of nginx's goes on as it is. */

ngx_int_t
ngx_http_outrider_out_buf(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side, ngx_buf_t *b)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(ctx->request->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = b;
    cl->next = NULL;
    *side->last_out = cl;
    side->last_out = &cl->next;

    return NGX_OK;
}


/* Bytes go on in a buffer of ours, which takes their memory over. */

ngx_int_t
ngx_http_outrider_out_body(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side, ngx_http_outrider_body_t *body)
{
    ngx_buf_t  *b;

    if (body->len == 0) {
        ngx_http_outrider_body_release(body);
        return NGX_OK;
    }

    if (ngx_http_outrider_body_own(body) != NGX_OK) {
        return NGX_ERROR;
    }

    b = ngx_http_outrider_out_link(ctx, side);
    if (b == NULL) {
        return NGX_ERROR;
    }

    ((ngx_http_outrider_own_buf_t *) b)->memory = body->start;

    b->start = body->data;
    b->end = body->start + body->size;
    b->pos = body->data;
    b->last = body->data + body->len;
    b->temporary = 1;

    ngx_memzero(body, sizeof(ngx_http_outrider_body_t));

    return NGX_OK;
}


/*
 * A buffer without bytes, a mark.  nginx may have it longer than can be seen
 * from its size, so it is not used again.
 */

ngx_buf_t *
ngx_http_outrider_out_special(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side)
{
    ngx_buf_t  *b;

    b = ngx_calloc_buf(ctx->request->pool);

    if (b == NULL || ngx_http_outrider_out_buf(ctx, side, b) != NGX_OK) {
        return NULL;
    }

    return b;
}


/* The side is zeroed. */

void
ngx_http_outrider_init_side(ngx_http_outrider_side_t *side, void *tag)
{
    side->last_out = &side->out;
    side->tag = (ngx_buf_tag_t) tag;
    side->announced = -1;
}


/* nginx has had what was out: whatever it is done with can be used again. */

void
ngx_http_outrider_update(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side, ngx_chain_t **out)
{
    ngx_chain_t  *cl;

    ngx_chain_update_chains(ctx->request->pool, &side->free, &side->busy, out,
                            side->tag);

    for (cl = side->free; cl; cl = cl->next) {
        ngx_http_outrider_free_buf(cl->buf);
    }
}


static void
ngx_http_outrider_release_chain(ngx_chain_t *cl, ngx_buf_tag_t tag)
{
    for ( /* void */ ; cl; cl = cl->next) {
        if (cl->buf->tag == tag) {
            ngx_http_outrider_free_buf(cl->buf);
        }
    }
}


void
ngx_http_outrider_release_side(ngx_http_outrider_side_t *side)
{
    if (side->free == NULL && side->busy == NULL && side->out == NULL) {
        return;
    }

    ngx_http_outrider_release_chain(side->free, side->tag);
    ngx_http_outrider_release_chain(side->busy, side->tag);
    ngx_http_outrider_release_chain(side->out, side->tag);
}
