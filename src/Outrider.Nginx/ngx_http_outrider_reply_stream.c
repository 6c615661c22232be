
/*
 * Answers of the filters' own that are sent piece by piece, while the request
 * waits for the rest.
 */


#include "ngx_http_outrider_reply.h"


static ngx_http_outrider_piece_t *
ngx_http_outrider_add_piece(void *host, ngx_http_outrider_piece_kind_e kind)
{
    ngx_http_outrider_ctx_t     *ctx;
    ngx_http_outrider_piece_t   *piece;
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_find(host);

    if (f == NULL || f->ctx->closed || f->ctx->reply || f->ctx->stream_end) {
        return NULL;
    }

    ctx = f->ctx;

    if (kind == NGX_HTTP_OUTRIDER_PIECE_HEAD ? ctx->streamer != NULL
                                             : ctx->streamer != f)
    {
        ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                      "outrider: a module sent a piece of a response that it "
                      "has not begun, or began one when there was one");
        return NULL;
    }

    piece = calloc(1, sizeof(ngx_http_outrider_piece_t));
    if (piece == NULL) {
        ctx->reset = 1;
        return NULL;
    }

    piece->kind = kind;
    piece->filter = f;

    ctx->streamer = f;
    f->answered = 1;

    *ctx->last_piece = piece;
    ctx->last_piece = &piece->next;

    ngx_http_outrider_ask(ctx);

    return piece;
}


void
NGX_OUTRIDER_CALLBACK(http_send_response_headers)(void *host,
    ngx_outrider_field_t *fields, size_t n, bool end)
{
    ngx_http_outrider_piece_t  *piece;

    piece = ngx_http_outrider_add_piece(host, NGX_HTTP_OUTRIDER_PIECE_HEAD);

    if (piece) {
        piece->end = end;

        if (ngx_http_outrider_copy_fields(piece->filter->ctx->request->pool,
                                          &piece->fields, fields, n)
            != NGX_OK)
        {
            piece->filter->ctx->reset = 1;
        }
    }
}


void
NGX_OUTRIDER_CALLBACK(http_send_response_data)(void *host,
    ngx_outrider_text_t data, bool end)
{
    ngx_http_outrider_piece_t  *piece;

    piece = ngx_http_outrider_add_piece(host, NGX_HTTP_OUTRIDER_PIECE_DATA);

    if (piece) {
        piece->end = end;

        if (data.data
            && ngx_http_outrider_body_append(&piece->data, data.data, data.len)
               != NGX_OK)
        {
            piece->filter->ctx->reset = 1;
        }
    }
}


void
NGX_OUTRIDER_CALLBACK(http_send_response_trailers)(void *host,
    ngx_outrider_field_t *fields, size_t n)
{
    ngx_http_outrider_piece_t  *piece;

    piece = ngx_http_outrider_add_piece(host, NGX_HTTP_OUTRIDER_PIECE_TRAILERS);

    if (piece) {
        piece->end = 1;

        if (ngx_http_outrider_copy_fields(piece->filter->ctx->request->pool,
                                          &piece->fields, fields, n)
            != NGX_OK)
        {
            piece->filter->ctx->reset = 1;
        }
    }
}


void
ngx_http_outrider_forget_pieces(ngx_http_outrider_ctx_t *ctx)
{
    ngx_http_outrider_piece_t  *piece, *next;

    for (piece = ctx->pieces; piece; piece = next) {
        next = piece->next;
        ngx_http_outrider_body_release(&piece->data);
        free(piece);
    }

    ctx->pieces = NULL;
    ctx->last_piece = &ctx->pieces;
}


static ngx_int_t
ngx_http_outrider_stream_head(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_piece_t *piece)
{
    ngx_int_t              status;
    ngx_uint_t             i;
    ngx_http_request_t    *r;
    ngx_outrider_field_t  *field;

    r = ctx->request;
    status = NGX_HTTP_OK;

    field = piece->fields.elts;

    for (i = 0; i < piece->fields.nelts; i++) {
        if (field[i].name_len == 7
            && ngx_strncmp(field[i].name, ":status", 7) == 0)
        {
            status = ngx_atoi(field[i].value, field[i].value_len);
        }
    }

    if (ngx_http_discard_request_body(r) != NGX_OK) {
        r->keepalive = 0;
    }

    if (ngx_http_outrider_write_head(ctx, status < 0 ? 0 : status,
                                     &piece->fields, 1)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (piece->end && ctx->method != NGX_HTTP_HEAD
        && r->headers_out.content_length_n == -1)
    {
        r->headers_out.content_length_n = 0;
    }

    ctx->replying = 1;
    ctx->streaming = 1;
    ctx->waiting = 0;

    /* HTTP/1.1 announces the framing that trailers need before them */
    r->expect_trailers = 1;

    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }

    r->write_event_handler = ngx_http_outrider_stream_writer;

    return ngx_http_send_header(r);
}


static ngx_int_t
ngx_http_outrider_arm_writer(ngx_http_request_t *r)
{
    ngx_event_t               *wev;
    ngx_http_core_loc_conf_t  *clcf;

    wev = r->connection->write;
    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!r->connection->buffered) {
        if (wev->timer_set && !wev->delayed) {
            ngx_del_timer(wev);
        }

        return NGX_OK;
    }

    if (!wev->delayed) {
        ngx_add_timer(wev, clcf->send_timeout);
    }

    return ngx_handle_write_event(wev, clcf->send_lowat);
}


static void
ngx_http_outrider_watermark(ngx_http_outrider_ctx_t *ctx)
{
    void                        *outer;
    ngx_uint_t                   above;
    ngx_outrider_hooks_t        *h;
    ngx_http_request_t          *r;
    ngx_http_outrider_filter_t  *f;

    r = ctx->request;
    f = ctx->streamer;
    h = &f->use->library->hooks;

    above = (r->buffered || r->connection->buffered || r->out);

    if (above == ctx->above_high || ctx->closed) {
        return;
    }

    ctx->above_high = above;

    if (above ? h->above_high == NULL : h->below_low == NULL) {
        return;
    }

    outer = ngx_http_outrider_enter(f);

    if (above) {
        h->above_high(f->host, f->module);

    } else {
        h->below_low(f->host, f->module);
    }

    ngx_http_outrider_leave(f, outer);
}


static off_t
ngx_http_outrider_unsent(ngx_http_outrider_ctx_t *ctx)
{
    off_t         size;
    ngx_chain_t  *cl;

    size = 0;

    for (cl = ctx->streamed.busy; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    for (cl = ctx->side[NGX_HTTP_OUTRIDER_RESPONSE].busy; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    return size;
}


/*
 * Sends the pieces that there are: NGX_DONE as long as more will come, and when
 * all is sent what the request is to be finalized with.
 */

ngx_int_t
ngx_http_outrider_stream(ngx_http_outrider_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_buf_t                  *b;
    ngx_uint_t                  i, head_only, sent;
    ngx_chain_t                *out;
    ngx_http_request_t         *r;
    ngx_outrider_field_t       *field;
    ngx_http_outrider_piece_t  *piece;

    r = ctx->request;
    rc = NGX_OK;
    sent = 0;

    while (ctx->pieces && !ctx->stream_end) {

        piece = ctx->pieces;
        ctx->pieces = piece->next;

        if (ctx->pieces == NULL) {
            ctx->last_piece = &ctx->pieces;
        }

        ctx->stream_end = piece->end;
        head_only = 0;

        if (piece->kind == NGX_HTTP_OUTRIDER_PIECE_HEAD) {

            /* the filters see this response only when nothing of it waits */

            rc = ngx_http_outrider_stream_head(ctx, piece);

            if (rc == NGX_ERROR || rc > NGX_OK) {
                ngx_http_outrider_body_release(&piece->data);
                free(piece);
                return rc == NGX_ERROR ? NGX_ERROR : rc;
            }

            /*
             * it waits for the first piece of the body where that is here;
             * otherwise it goes out now: nobody knows when there will be one
             */

            head_only = !piece->end && ctx->pieces;

        } else if (piece->kind == NGX_HTTP_OUTRIDER_PIECE_TRAILERS) {

            field = piece->fields.elts;

            for (i = 0; i < piece->fields.nelts; i++) {
                (void) ngx_http_outrider_trailer_set(ctx, field[i].name,
                                                     field[i].name_len,
                                                     field[i].value,
                                                     field[i].value_len, 1);
            }
        }

        if (!ctx->streaming) {
            ngx_http_outrider_body_release(&piece->data);
            free(piece);
            continue;
        }

        if (!head_only && !r->header_only) {

            if (ngx_http_outrider_out_body(ctx, &ctx->streamed, &piece->data)
                != NGX_OK)
            {
                ngx_http_outrider_body_release(&piece->data);
                free(piece);
                return NGX_ERROR;
            }

            b = ngx_http_outrider_out_special(ctx, &ctx->streamed);
            if (b == NULL) {
                free(piece);
                return NGX_ERROR;
            }

            b->last_buf = piece->end;
            b->last_in_chain = piece->end;
            b->flush = !piece->end;

            out = ctx->streamed.out;
            ctx->streamed.out = NULL;
            ctx->streamed.last_out = &ctx->streamed.out;

            rc = ngx_http_output_filter(r, out);

            ngx_http_outrider_update(ctx, &ctx->streamed, &out);
            sent = 1;
        }

        ngx_http_outrider_body_release(&piece->data);
        free(piece);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    if (ctx->stream_end) {
        return rc;
    }

    if (ctx->above_high && sent
        && ngx_http_outrider_unsent(ctx) > (off_t) ctx->buffer_limit)
    {
        /* it was told to wait: memory for what no client takes is bounded, too */

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "outrider: a module sends more than the client takes");
        return NGX_ERROR;
    }

    if (ngx_http_outrider_arm_writer(r) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_outrider_watermark(ctx);

    return NGX_DONE;
}


/* The client takes more, or the next piece is there. */

void
ngx_http_outrider_stream_writer(ngx_http_request_t *r)
{
    ngx_chain_t              *out;
    ngx_http_outrider_ctx_t  *ctx;

    ctx = ngx_http_outrider_get_ctx(r);

    if (r->connection->write->timedout) {
        r->connection->timedout = 1;
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    if (ngx_http_output_filter(r, NULL) == NGX_ERROR
        || ngx_http_outrider_arm_writer(r) != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    out = NULL;
    ngx_http_outrider_update(ctx, &ctx->streamed, &out);

    ngx_http_outrider_watermark(ctx);
}
