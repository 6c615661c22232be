
#ifndef _NGX_HTTP_OUTRIDER_CALLOUT_H_INCLUDED_
#define _NGX_HTTP_OUTRIDER_CALLOUT_H_INCLUDED_


#include "ngx_http_outrider.h"


struct ngx_http_outrider_callout_s {
    ngx_http_outrider_filter_t    *filter;     /* NULL: nobody waits any more */
    ngx_http_outrider_callout_t   *next;
    ngx_http_request_t            *request;    /* the subrequest */
    ngx_http_upstream_srv_conf_t  *upstream;
    uint64_t                       id;
    ngx_msec_t                     timeout;

    ngx_str_t                      head;       /* of the request, as it is sent */
    ngx_http_outrider_body_t       body;
    ngx_http_outrider_body_t       answer;

    ngx_http_status_t              status;
    ngx_http_chunked_t             chunked;
    ngx_event_t                    timer;
    u_char                         status_text[NGX_INT_T_LEN];

    unsigned                       streamed:1;
    unsigned                       whole:1;      /* the request is */
    unsigned                       started:1;
    unsigned                       told:1;       /* of the answer's head */
    unsigned                       too_large:1;
    unsigned                       timedout:1;
    unsigned                       cancelled:1;
    unsigned                       no_body:1;
};


uint32_t ngx_http_outrider_callout_request(ngx_pool_t *pool,
    ngx_http_outrider_callout_t *callout, ngx_outrider_field_t *fields,
    size_t n);
ngx_http_outrider_callout_t *ngx_http_outrider_callout_by(void *host,
    uint64_t id);
void ngx_http_outrider_callout_start(ngx_http_request_t *sr);
void ngx_http_outrider_callout_data(ngx_http_outrider_callout_t *callout,
    u_char *data, size_t len);


#endif /* _NGX_HTTP_OUTRIDER_CALLOUT_H_INCLUDED_ */
