
#ifndef _NGX_HTTP_OUTRIDER_METADATA_H_INCLUDED_
#define _NGX_HTTP_OUTRIDER_METADATA_H_INCLUDED_


#include "ngx_http_outrider.h"


/* what modules cannot ask for (a struct in a struct, a null) has its key alone */

typedef enum {
    NGX_HTTP_OUTRIDER_NOTHING = 0,
    NGX_HTTP_OUTRIDER_NUMBER,
    NGX_HTTP_OUTRIDER_FLAG,
    NGX_HTTP_OUTRIDER_TEXT,
    NGX_HTTP_OUTRIDER_LIST,
    NGX_HTTP_OUTRIDER_TYPED
} ngx_http_outrider_datum_kind_e;


struct ngx_http_outrider_datum_s {
    ngx_http_outrider_datum_kind_e   kind;
    ngx_str_t                        ns;
    ngx_str_t                        key;
    ngx_str_t                        text;
    ngx_str_t                        type;
    double                           number;
    ngx_uint_t                       flag;
    ngx_http_outrider_datum_t       *list;
    ngx_http_outrider_datum_t       *next;
};


ngx_http_outrider_datum_t *ngx_http_outrider_datum(ngx_http_outrider_ctx_t *ctx,
    u_char *ns, size_t ns_len, u_char *key, size_t key_len, ngx_uint_t typed,
    ngx_uint_t create);
ngx_int_t ngx_http_outrider_keep_text(ngx_http_outrider_ctx_t *ctx,
    ngx_str_t *text, u_char *data, size_t len);
ngx_http_outrider_filter_t *ngx_http_outrider_find_to_set(void *host,
    ngx_outrider_text_t ns, ngx_outrider_text_t key);
ngx_http_outrider_datum_t *ngx_http_outrider_lookup(void *host,
    uint32_t source, ngx_outrider_text_t ns, ngx_outrider_text_t key);
bool ngx_http_outrider_store_number(ngx_http_outrider_datum_t *d,
    double *result);
bool ngx_http_outrider_store_flag(ngx_http_outrider_datum_t *d, bool *result);
bool ngx_http_outrider_store_text(ngx_http_outrider_datum_t *d,
    ngx_outrider_text_t *result);
void ngx_http_outrider_read_struct(ngx_http_outrider_ctx_t *ctx,
    ngx_outrider_text_t *ns, u_char *data, size_t len);
ngx_int_t ngx_http_outrider_read_any(u_char *data, size_t len, ngx_str_t *type,
    ngx_str_t *value);


#endif /* _NGX_HTTP_OUTRIDER_METADATA_H_INCLUDED_ */
