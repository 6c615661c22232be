
/*
 * Fields of messages: their syntax, and how they are found and set in nginx's
 * lists.
 */


#include "ngx_http_outrider_fields.h"


/* what a name or a value is at most */
#define NGX_HTTP_OUTRIDER_NAME_LEN   65535
#define NGX_HTTP_OUTRIDER_VALUE_LEN  (16 * 1024 * 1024)


/* the characters of a token in lower case, and 0 for all others (RFC 9110, 5.6.2) */

static const u_char  ngx_http_outrider_token[256] = {
      0,   0,   0,   0,   0,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0,
      0,  33,   0,  35,  36,  37,  38,  39,
      0,   0,  42,  43,   0,  45,  46,   0,
     48,  49,  50,  51,  52,  53,  54,  55,
     56,  57,   0,   0,   0,   0,   0,   0,
      0,  97,  98,  99, 100, 101, 102, 103,
    104, 105, 106, 107, 108, 109, 110, 111,
    112, 113, 114, 115, 116, 117, 118, 119,
    120, 121, 122,   0,   0,   0,  94,  95,
     96,  97,  98,  99, 100, 101, 102, 103,
    104, 105, 106, 107, 108, 109, 110, 111,
    112, 113, 114, 115, 116, 117, 118, 119,
    120, 121, 122,   0, 124,   0, 126,   0,
    /* the others are 0 */
};


/*
 * Eight bytes at a time as long as none of them is below a blank, above ASCII or
 * a DEL; where one is, each is looked at.
 */

static ngx_uint_t
ngx_http_outrider_has_control(u_char *p, size_t len)
{
    size_t    i;
    uint64_t  eight, ones, high;

    ones = 0x0101010101010101ULL;
    high = ones << 7;

    for (i = 0; i + 8 <= len; i += 8) {
        ngx_memcpy(&eight, p + i, 8);

        if ((eight | (eight - ones * ' ') | (eight + ones)) & high) {
            break;
        }
    }

    for ( /* void */ ; i < len; i++) {
        if ((p[i] < ' ' && p[i] != '\t') || p[i] == 0x7f) {
            return 1;
        }
    }

    return 0;
}


/* They belong to a connection, and nginx writes them (RFC 9110, 7.6.1). */

ngx_uint_t
ngx_http_outrider_hop_by_hop(u_char *name, size_t len)
{
    switch (len) {

    case sizeof("te") - 1:
        return ngx_http_outrider_is(name, len, "te");

    case sizeof("upgrade") - 1:
        return ngx_http_outrider_is(name, len, "upgrade");

    case sizeof("connection") - 1:
        return ngx_http_outrider_is(name, len, "connection")
               || ngx_http_outrider_is(name, len, "keep-alive");

    case sizeof("http2-settings") - 1:
        return ngx_http_outrider_is(name, len, "http2-settings");

    case sizeof("proxy-connection") - 1:
        return ngx_http_outrider_is(name, len, "proxy-connection");

    case sizeof("transfer-encoding") - 1:
        return ngx_http_outrider_is(name, len, "transfer-encoding");

    default:
        return 0;
    }
}


/* A token and, without line ends, what may follow it (RFC 9110, 5.1 and 5.5). */

ngx_uint_t
ngx_http_outrider_field_valid(u_char *name, size_t name_len, u_char *value,
    size_t value_len)
{
    size_t  i;

    if (name == NULL || name_len == 0 || name_len > NGX_HTTP_OUTRIDER_NAME_LEN
        || value_len > NGX_HTTP_OUTRIDER_VALUE_LEN)
    {
        return 0;
    }

    for (i = 0; i < name_len; i++) {
        if (ngx_http_outrider_token[name[i]] == 0) {
            return 0;
        }
    }

    return value == NULL || !ngx_http_outrider_has_control(value, value_len);
}


/*
 * As above, and copied while it is looked at.  NGX_DECLINED: it is no field, or
 * a connection's.
 */

ngx_int_t
ngx_http_outrider_field_read(ngx_pool_t *pool, ngx_http_outrider_field_t *field,
    u_char *name, size_t name_len, u_char *value, size_t value_len)
{
    u_char      ch, *p, *low;
    size_t      i;
    ngx_uint_t  hash;

    if (name == NULL || name_len == 0 || name_len > NGX_HTTP_OUTRIDER_NAME_LEN
        || value_len > NGX_HTTP_OUTRIDER_VALUE_LEN
        || ngx_http_outrider_hop_by_hop(name, name_len)
        || (value && ngx_http_outrider_has_control(value, value_len)))
    {
        return NGX_DECLINED;
    }

    if (value == NULL) {
        value_len = 0;
    }

    p = ngx_pnalloc(pool, 2 * name_len + value_len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    low = p + name_len;
    hash = 0;

    for (i = 0; i < name_len; i++) {
        ch = ngx_http_outrider_token[name[i]];

        if (ch == 0) {
            return NGX_DECLINED;
        }

        low[i] = ch;
        hash = ngx_hash(hash, ch);
    }

    field->name.data = p;
    field->name.len = name_len;
    field->low = low;
    field->hash = hash ? hash : 1;
    field->element = NULL;
    field->gaps = 0;

    ngx_str_null(&field->value);

    ngx_memcpy(p, name, name_len);

    if (value) {
        p = low + name_len;

        ngx_memcpy(p, value, value_len);
        p[value_len] = '\0';

        field->value.data = p;
        field->value.len = value_len;
    }

    return NGX_OK;
}


/* Without a value the fields of that name go. */

ngx_int_t
ngx_http_outrider_list_set(ngx_list_t *list, ngx_http_outrider_field_t *field,
    ngx_uint_t add)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &list->part;
         part && !(add && field->value.data);
         part = part->next)
    {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (!ngx_http_outrider_same_name(&h[i], field->name.data,
                                             field->name.len))
            {
                continue;
            }

            if (field->value.data && field->element == NULL) {
                field->element = &h[i];
                h[i].value = field->value;

            } else {
                h[i].hash = 0;
                field->gaps = 1;
            }
        }
    }

    if (field->value.data == NULL || field->element) {
        return NGX_OK;
    }

    h = ngx_list_push(list);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->key = field->name;
    h->lowcase_key = field->low;
    h->hash = field->hash;
    h->value = field->value;

    field->element = h;

    return NGX_OK;
}


/* How many there are, and the one of that index or all of them. */

size_t
ngx_http_outrider_list_get(ngx_list_t *list, u_char *name, size_t len,
    size_t index, ngx_outrider_text_t *results, ngx_uint_t all)
{
    size_t            found;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    found = 0;

    for (part = &list->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (!ngx_http_outrider_same_name(&h[i], name, len)) {
                continue;
            }

            if (all) {
                results[found].data = h[i].value.data;
                results[found].len = h[i].value.len;

            } else if (found == index) {
                results->data = h[i].value.data;
                results->len = h[i].value.len;
            }

            found++;
        }
    }

    return found;
}


/*
 * What a client could send as the first line and as Host, and nothing else:
 * the rules that C# filters are held to (RequestLineRules.cs).
 */

ngx_uint_t
ngx_http_outrider_method_valid(u_char *method, size_t len, u_char *target,
    size_t target_len)
{
    if (!ngx_http_outrider_field_valid(method, len, NULL, 0)
        || (len == 7 && ngx_memcmp(method, "CONNECT", 7) == 0))
    {
        return 0;
    }

    return target_len != 1 || target[0] != '*'
           || (len == 7 && ngx_memcmp(method, "OPTIONS", 7) == 0);
}


ngx_uint_t
ngx_http_outrider_target_valid(u_char *target, size_t len, u_char *method,
    size_t method_len)
{
    size_t  i;

    if (target == NULL || len == 0) {
        return 0;
    }

    if (len == 1 && target[0] == '*') {
        return method_len == 7 && ngx_memcmp(method, "OPTIONS", 7) == 0;
    }

    if (target[0] != '/') {
        return 0;
    }

    for (i = 0; i < len; i++) {
        if (target[i] <= ' ' || target[i] == 0x7f || target[i] == '#') {
            return 0;
        }
    }

    return 1;
}


/* uri-host [ ":" port ] (RFC 9110, 7.2), not empty */

ngx_uint_t
ngx_http_outrider_authority_valid(u_char *data, size_t len)
{
    u_char     *p, *last, *end;
    ngx_int_t   port;

    if (data == NULL || len == 0 || len > 65535) {
        return 0;
    }

    last = data + len;

    if (data[0] == '[') {
        end = ngx_strlchr(data, last, ']');

        if (end == NULL) {
            return 0;
        }

#if (NGX_HAVE_INET6)
        {
        u_char  address[16];

        if (ngx_inet6_addr(data + 1, end - data - 1, address) != NGX_OK) {
            return 0;
        }
        }
#endif

        end++;

    } else {
        end = ngx_strlchr(data, last, ':');

        if (end == NULL) {
            end = last;
        }

        if (end == data) {
            return 0;
        }

        for (p = data; p < end; p++) {

            if (*p == '%') {
                if (end - p < 3 || ngx_hextoi(p + 1, 2) == NGX_ERROR) {
                    return 0;
                }

                continue;
            }

            if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
                || (*p >= '0' && *p <= '9')
                || (*p > ' ' && *p < 0x7f
                    && ngx_strchr("-._~!$&'()*+,;=", *p)))
            {
                continue;
            }

            return 0;
        }
    }

    if (end == last) {
        return 1;
    }

    if (*end++ != ':' || last - end > 5) {
        return 0;
    }

    port = end == last ? 0 : ngx_atoi(end, last - end);

    return port != NGX_ERROR && port <= 65535;
}
