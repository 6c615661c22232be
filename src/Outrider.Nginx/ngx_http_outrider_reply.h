
/*
 * What answers have in common, whole ones and those that come piece by piece.
 */


#ifndef _NGX_HTTP_OUTRIDER_REPLY_H_INCLUDED_
#define _NGX_HTTP_OUTRIDER_REPLY_H_INCLUDED_


#include "ngx_http_outrider.h"


ngx_int_t ngx_http_outrider_copy_fields(ngx_pool_t *pool, ngx_array_t *to,
    ngx_outrider_field_t *fields, size_t n);
ngx_int_t ngx_http_outrider_write_head(ngx_http_outrider_ctx_t *ctx,
    ngx_uint_t status, ngx_array_t *fields, ngx_uint_t with_length);
ngx_int_t ngx_http_outrider_reply_to_grpc(ngx_http_request_t *r,
    ngx_http_outrider_reply_t *reply);


#endif /* _NGX_HTTP_OUTRIDER_REPLY_H_INCLUDED_ */
