
/*
 * Fields of messages: what may be a name and a value, and nginx's lists of them.
 */


#ifndef _NGX_HTTP_OUTRIDER_FIELDS_H_INCLUDED_
#define _NGX_HTTP_OUTRIDER_FIELDS_H_INCLUDED_


#include "ngx_http_outrider.h"


/* a field that is to be set, in memory of the request's; without a value it is to go */

typedef struct {
    ngx_str_t                      name;
    u_char                        *low;      /* the name in lower case */
    ngx_uint_t                     hash;     /* nginx's, of that */
    ngx_str_t                      value;
    ngx_table_elt_t               *element;  /* where it stands now */
    unsigned                       gaps:1;   /* others of that name have gone */
} ngx_http_outrider_field_t;


/* The known name is a literal.  Most others differ from it in length or first letter. */

#define ngx_http_outrider_is(name, len, known)                                \
    ((len) == sizeof(known) - 1                                               \
     && (((name)[0] ^ (u_char) (known)[0]) & ~0x20) == 0                      \
     && ngx_strncasecmp(name, (u_char *) known, sizeof(known) - 1) == 0)


/* Those that begin with a colon are what a module writes: in lower case. */

#define ngx_http_outrider_is_pseudo(name, len, known)                         \
    ((len) == sizeof(known) - 1                                               \
     && ngx_memcmp(name, known, sizeof(known) - 1) == 0)


static ngx_inline ngx_uint_t
ngx_http_outrider_same_name(ngx_table_elt_t *h, const u_char *name, size_t len)
{
    return h->hash != 0 && h->key.len == len
           && ((h->key.data[len - 1] ^ name[len - 1]) & ~0x20) == 0
           && ngx_strncasecmp(h->key.data, (u_char *) name, len) == 0;
}


ngx_uint_t ngx_http_outrider_hop_by_hop(u_char *name, size_t len);
ngx_uint_t ngx_http_outrider_field_valid(u_char *name, size_t name_len,
    u_char *value, size_t value_len);
ngx_uint_t ngx_http_outrider_method_valid(u_char *method, size_t len,
    u_char *target, size_t target_len);
ngx_uint_t ngx_http_outrider_target_valid(u_char *target, size_t len,
    u_char *method, size_t method_len);
ngx_uint_t ngx_http_outrider_authority_valid(u_char *data, size_t len);
ngx_int_t ngx_http_outrider_field_read(ngx_pool_t *pool,
    ngx_http_outrider_field_t *field, u_char *name, size_t name_len,
    u_char *value, size_t value_len);
ngx_int_t ngx_http_outrider_list_set(ngx_list_t *list,
    ngx_http_outrider_field_t *field, ngx_uint_t add);
size_t ngx_http_outrider_list_get(ngx_list_t *list, u_char *name, size_t len,
    size_t index, ngx_outrider_text_t *results, ngx_uint_t all);


size_t ngx_http_outrider_request_fields(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_field_t *fields);
ngx_int_t ngx_http_outrider_request_get(ngx_http_outrider_ctx_t *ctx,
    u_char *name, size_t len, ngx_str_t *value);
ngx_int_t ngx_http_outrider_request_set(ngx_http_outrider_ctx_t *ctx,
    u_char *name, size_t name_len, u_char *value, size_t value_len,
    ngx_uint_t add);

ngx_int_t ngx_http_outrider_set_pseudo(ngx_http_outrider_ctx_t *ctx,
    u_char *name, size_t name_len, u_char *value, size_t value_len);

size_t ngx_http_outrider_response_fields(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_field_t *fields);
ngx_str_t ngx_http_outrider_status_text(ngx_http_outrider_ctx_t *ctx);
ngx_uint_t ngx_http_outrider_response_made(u_char *name, size_t len);
size_t ngx_http_outrider_trailer_fields(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_field_t *fields);


#endif /* _NGX_HTTP_OUTRIDER_FIELDS_H_INCLUDED_ */
