
/*
 * A request's headers where nginx has them.  Method, path, scheme and authority
 * are headers for a module; what nginx keeps pointers to, or has taken apart,
 * is brought up to date when the hook has returned.
 */


#include "ngx_http_outrider_fields.h"


static void ngx_http_outrider_sync_known(ngx_http_request_t *r,
    ngx_http_header_t *known);


static void
ngx_http_outrider_authority(ngx_http_request_t *r, ngx_str_t *value)
{
    if (r->headers_in.host && r->headers_in.host->hash) {
        *value = r->headers_in.host->value;
        return;
    }

    *value = r->headers_in.server;
}


static ngx_int_t
ngx_http_outrider_pseudo(ngx_http_request_t *r, u_char *name, size_t len,
    ngx_str_t *value)
{
    if (name[0] != ':' && (name[0] | 0x20) != 'h') {
        return NGX_ABORT;
    }

    if (ngx_http_outrider_is_pseudo(name, len, ":method")) {
        *value = r->method_name;
        return NGX_OK;
    }

    if (ngx_http_outrider_is_pseudo(name, len, ":path")) {
        *value = r->unparsed_uri;
        return NGX_OK;
    }

    if (ngx_http_outrider_is_pseudo(name, len, ":scheme")) {
#if (NGX_HTTP_SSL)
        if (r->connection->ssl) {
            ngx_str_set(value, "https");
            return NGX_OK;
        }
#endif
        ngx_str_set(value, "http");
        return NGX_OK;
    }

    if (ngx_http_outrider_is_pseudo(name, len, ":authority")
        || ngx_http_outrider_is(name, len, "host"))
    {
        ngx_http_outrider_authority(r, value);
        return value->len ? NGX_OK : NGX_DECLINED;
    }

    return name[0] == ':' ? NGX_DECLINED : NGX_ABORT;
}


/* How many there are; they are stored where there is a place for them. */

size_t
ngx_http_outrider_request_fields(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_field_t *fields)
{
    size_t               n;
    ngx_str_t            value;
    ngx_uint_t           i;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h;
    ngx_http_request_t  *r;

    static const char  *pseudo[] = {
        ":method", ":path", ":scheme", ":authority"
    };

    r = ctx->request;
    n = 0;

    for (i = 0; i < 4; i++) {
        if (ngx_http_outrider_pseudo(r, (u_char *) pseudo[i],
                                     ngx_strlen(pseudo[i]), &value)
            != NGX_OK)
        {
            continue;
        }

        if (fields) {
            fields[n].name = (u_char *) pseudo[i];
            fields[n].name_len = ngx_strlen(pseudo[i]);
            fields[n].value = value.data;
            fields[n].value_len = value.len;
        }

        n++;
    }

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0
                || ngx_http_outrider_is(h[i].key.data, h[i].key.len, "host"))
            {
                continue;
            }

            if (fields) {
                fields[n].name = h[i].lowcase_key;
                fields[n].name_len = h[i].key.len;
                fields[n].value = h[i].value.data;
                fields[n].value_len = h[i].value.len;
            }

            n++;
        }
    }

    return n;
}


/*
 * NGX_DECLINED: it is not for modules to set, or no value for it.  Of the headers
 * that nginx keeps pointers to, the one that was set is looked for at once; where
 * one has gone, all of them when the hook has returned.
 */

ngx_int_t
ngx_http_outrider_request_set(ngx_http_outrider_ctx_t *ctx, u_char *name,
    size_t name_len, u_char *value, size_t value_len, ngx_uint_t add)
{
    off_t                       length;
    ngx_int_t                   rc;
    ngx_http_header_t          *known;
    ngx_http_request_t         *r;
    ngx_http_outrider_field_t   field;
    ngx_http_core_main_conf_t  *cmcf;

    r = ctx->request;

    if (name[0] == ':' || ngx_http_outrider_is(name, name_len, "host")) {
        return ngx_http_outrider_set_pseudo(ctx, name, name_len, value,
                                            value_len);
    }

    rc = ngx_http_outrider_field_read(r->pool, &field, name, name_len, value,
                                      value_len);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_outrider_is(name, name_len, "content-length")) {
        length = value ? ngx_atoof(value, value_len) : -1;

        if (value && length == NGX_ERROR) {
            return NGX_DECLINED;
        }

        ctx->side[NGX_HTTP_OUTRIDER_REQUEST].announced = length;
        ctx->request_dirty = 1;
    }

    if (ngx_http_outrider_list_set(&r->headers_in.headers, &field, add)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (field.gaps) {
        ctx->request_dirty = 1;
        return NGX_OK;
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    known = ngx_hash_find(&cmcf->headers_in_hash, field.hash, field.low,
                          field.name.len);

    if (known) {
        ngx_http_outrider_sync_known(r, known);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_compact(ngx_pool_t *pool, ngx_list_t *list)
{
    ngx_uint_t        i, n, gaps;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *all;

    n = 0;
    gaps = 0;

    for (part = &list->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash) {
                n++;

            } else {
                gaps++;
            }
        }
    }

    if (gaps == 0) {
        return NGX_OK;
    }

    /* some of nginx's handlers look at all elements: those that are gone must be gone */

    all = ngx_palloc(pool, (n + 8) * sizeof(ngx_table_elt_t));
    if (all == NULL) {
        return NGX_ERROR;
    }

    n = 0;

    for (part = &list->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash) {
                all[n++] = h[i];
            }
        }
    }

    list->part.elts = all;
    list->part.nelts = n;
    list->part.next = NULL;
    list->nalloc = n + 8;
    list->last = &list->part;

    return NGX_OK;
}


static void
ngx_http_outrider_sync_known(ngx_http_request_t *r, ngx_http_header_t *known)
{
    ngx_uint_t         i;
    ngx_list_part_t   *part;
    ngx_table_elt_t   *h, **slot;

#if (nginx_version < 1023000)
    ngx_array_t       *many;
    ngx_table_elt_t  **ph;

    many = NULL;

    if (known->offset == offsetof(ngx_http_headers_in_t, cookies)
#if (NGX_HTTP_X_FORWARDED_FOR)
        || known->offset == offsetof(ngx_http_headers_in_t, x_forwarded_for)
#endif
        )
    {
        many = (ngx_array_t *) ((char *) &r->headers_in + known->offset);
        many->nelts = 0;
    }
#endif

    /* of "Proxy-Connection" nginx 1.31 keeps none: its handler looks at it */

    if (known->offset == 0) {
        return;
    }

    slot = (ngx_table_elt_t **) ((char *) &r->headers_in + known->offset);

#if (nginx_version < 1023000)
    if (many == NULL) {
        *slot = NULL;
    }
#else
    *slot = NULL;
#endif

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (!ngx_http_outrider_same_name(&h[i], known->name.data,
                                             known->name.len))
            {
                continue;
            }

#if (nginx_version < 1023000)
            if (many) {
                if (many->elts == NULL
                    && ngx_array_init(many, r->pool, 1,
                                      sizeof(ngx_table_elt_t *))
                       != NGX_OK)
                {
                    return;
                }

                ph = ngx_array_push(many);
                if (ph == NULL) {
                    return;
                }

                *ph = &h[i];
                continue;
            }

            if (*slot == NULL) {
                *slot = &h[i];
            }
#else
            h[i].next = NULL;
            *slot = &h[i];
            slot = &h[i].next;
#endif
        }
    }
}


void
ngx_http_outrider_request_sync(ngx_http_outrider_ctx_t *ctx)
{
    u_char                    *p;
    ngx_http_header_t         *known;
    ngx_http_request_t        *r;
    ngx_http_headers_in_t     *in;
    ngx_http_outrider_side_t  *side;

    r = ctx->request;
    in = &r->headers_in;
    side = &ctx->side[NGX_HTTP_OUTRIDER_REQUEST];

    ctx->request_dirty = 0;

    if (r->pool == NULL
        || ngx_http_outrider_compact(r->pool, &in->headers) != NGX_OK)
    {
        return;
    }

    for (known = ngx_http_headers_in; known->name.len; known++) {
        ngx_http_outrider_sync_known(r, known);
    }

    /* the length is that of the body as it is, whatever a filter wrote */

    if (side->end_sent && in->content_length) {
        p = ngx_pnalloc(r->pool, NGX_OFF_T_LEN);

        if (p) {
            in->content_length->value.data = p;
            in->content_length->value.len = ngx_sprintf(p, "%O", side->passed)
                                            - p;
        }
    }
}


ngx_int_t
ngx_http_outrider_request_get(ngx_http_outrider_ctx_t *ctx, u_char *name,
    size_t len, ngx_str_t *value)
{
    return ngx_http_outrider_pseudo(ctx->request, name, len, value);
}
