
/*
 * What the files of responses share: the filters of nginx's that come next.
 */


#ifndef _NGX_HTTP_OUTRIDER_RESPONSE_H_INCLUDED_
#define _NGX_HTTP_OUTRIDER_RESPONSE_H_INCLUDED_


#include "ngx_http_outrider.h"


extern ngx_http_output_header_filter_pt  ngx_http_outrider_next_header_filter;
extern ngx_http_output_body_filter_pt    ngx_http_outrider_next_body_filter;


ngx_int_t ngx_http_outrider_send_head(ngx_http_request_t *r);
ngx_int_t ngx_http_outrider_send_body(ngx_http_request_t *r, ngx_chain_t *in);
ngx_int_t ngx_http_outrider_cut(ngx_http_outrider_ctx_t *ctx);
void ngx_http_outrider_consume(ngx_chain_t *cl);


#endif /* _NGX_HTTP_OUTRIDER_RESPONSE_H_INCLUDED_ */
