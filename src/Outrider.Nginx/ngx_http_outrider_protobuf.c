
/*
 * The two messages that modules hand to their host in protobuf's encoding:
 * google.protobuf.Struct and google.protobuf.Any.
 */


#include "ngx_http_outrider_metadata.h"


typedef struct {
    u_char     *pos;
    u_char     *last;
    ngx_uint_t  field;
    uint64_t    number;    /* of varints and fixed ones */
    u_char     *data;      /* of what has a length */
    size_t      len;
    ngx_uint_t  broken;
} ngx_http_outrider_message_t;


static ngx_int_t
ngx_http_outrider_varint(ngx_http_outrider_message_t *m, uint64_t *value)
{
    ngx_uint_t  shift;

    *value = 0;

    for (shift = 0; shift < 64 && m->pos < m->last; shift += 7) {
        *value |= (uint64_t) (*m->pos & 0x7f) << shift;

        if ((*m->pos++ & 0x80) == 0) {
            return NGX_OK;
        }
    }

    m->broken = 1;
    return NGX_ERROR;
}


/* The next field; NGX_DONE at the end. */

static ngx_int_t
ngx_http_outrider_next(ngx_http_outrider_message_t *m)
{
    size_t    size;
    uint64_t  tag, len;

    if (m->pos == m->last) {
        return NGX_DONE;
    }

    if (ngx_http_outrider_varint(m, &tag) != NGX_OK) {
        return NGX_ERROR;
    }

    m->field = tag >> 3;
    m->data = NULL;
    m->len = 0;
    m->number = 0;

    switch (tag & 7) {

    case 0:
        return ngx_http_outrider_varint(m, &m->number);

    case 1:
    case 5:
        size = (tag & 7) == 1 ? 8 : 4;

        if ((size_t) (m->last - m->pos) < size) {
            break;
        }

        ngx_memcpy(&m->number, m->pos, size);
        m->pos += size;
        return NGX_OK;

    case 2:
        if (ngx_http_outrider_varint(m, &len) != NGX_OK
            || len > (uint64_t) (m->last - m->pos))
        {
            break;
        }

        m->data = m->pos;
        m->len = len;
        m->pos += len;
        return NGX_OK;

    default:
        break;
    }

    m->broken = 1;
    return NGX_ERROR;
}


static void
ngx_http_outrider_begin_message(ngx_http_outrider_message_t *m, u_char *data,
    size_t len)
{
    ngx_memzero(m, sizeof(ngx_http_outrider_message_t));
    m->pos = data;
    m->last = data + len;
}


static void
ngx_http_outrider_read_value(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_datum_t *d, u_char *data, size_t len, ngx_uint_t in_list)
{
    ngx_http_outrider_datum_t    **last;
    ngx_http_outrider_message_t    m, list;

    d->kind = NGX_HTTP_OUTRIDER_NOTHING;
    d->list = NULL;

    ngx_http_outrider_begin_message(&m, data, len);

    while (ngx_http_outrider_next(&m) == NGX_OK) {

        switch (m.field) {

        case 2:
            d->kind = NGX_HTTP_OUTRIDER_NUMBER;
            ngx_memcpy(&d->number, &m.number, sizeof(double));
            break;

        case 3:
            d->kind = NGX_HTTP_OUTRIDER_TEXT;
            (void) ngx_http_outrider_keep_text(ctx, &d->text, m.data, m.len);
            break;

        case 4:
            d->kind = NGX_HTTP_OUTRIDER_FLAG;
            d->flag = m.number != 0;
            break;

        case 6:
            if (in_list || m.data == NULL) {
                break;
            }

            d->kind = NGX_HTTP_OUTRIDER_LIST;
            last = &d->list;

            ngx_http_outrider_begin_message(&list, m.data, m.len);

            while (ngx_http_outrider_next(&list) == NGX_OK) {
                if (list.field != 1 || list.data == NULL) {
                    continue;
                }

                *last = ngx_pcalloc(ctx->request->pool,
                                    sizeof(ngx_http_outrider_datum_t));
                if (*last == NULL) {
                    return;
                }

                ngx_http_outrider_read_value(ctx, *last, list.data, list.len,
                                             1);
                last = &(*last)->next;
            }

            break;

        default:
            break;
        }
    }
}


static ngx_int_t
ngx_http_outrider_whole(u_char *data, size_t len)
{
    ngx_int_t                    rc;
    ngx_http_outrider_message_t  m;

    ngx_http_outrider_begin_message(&m, data, len);

    do {
        rc = ngx_http_outrider_next(&m);
    } while (rc == NGX_OK);

    return rc == NGX_DONE ? NGX_OK : NGX_ERROR;
}


/* Each field of the struct becomes one value; what is no message does nothing. */

void
ngx_http_outrider_read_struct(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_text_t *ns, u_char *data, size_t len)
{
    u_char                       *key, *value;
    size_t                        key_len, value_len;
    ngx_http_outrider_datum_t    *d;
    ngx_http_outrider_message_t   m, entry;

    if (ngx_http_outrider_whole(data, len) != NGX_OK) {
        return;
    }

    ngx_http_outrider_begin_message(&m, data, len);

    while (ngx_http_outrider_next(&m) == NGX_OK) {

        if (m.field != 1 || m.data == NULL) {
            continue;
        }

        key = (u_char *) "";
        key_len = 0;
        value = NULL;
        value_len = 0;

        ngx_http_outrider_begin_message(&entry, m.data, m.len);

        while (ngx_http_outrider_next(&entry) == NGX_OK) {
            if (entry.field == 1 && entry.data) {
                key = entry.data;
                key_len = entry.len;

            } else if (entry.field == 2 && entry.data) {
                value = entry.data;
                value_len = entry.len;
            }
        }

        d = ngx_http_outrider_datum(ctx, ns->data, ns->len, key, key_len, 0, 1);
        if (d == NULL) {
            return;
        }

        ngx_http_outrider_read_value(ctx, d, value, value_len, 0);
    }
}


ngx_int_t
ngx_http_outrider_read_any(u_char *data, size_t len, ngx_str_t *type,
    ngx_str_t *value)
{
    ngx_int_t                    rc;
    ngx_http_outrider_message_t  m;

    ngx_str_null(type);
    ngx_str_null(value);

    ngx_http_outrider_begin_message(&m, data, len);

    while ((rc = ngx_http_outrider_next(&m)) == NGX_OK) {
        if (m.field == 1) {
            type->data = m.data;
            type->len = m.len;

        } else if (m.field == 2) {
            value->data = m.data;
            value->len = m.len;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_ERROR;
}
