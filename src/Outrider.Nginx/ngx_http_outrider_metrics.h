
/*
 * How metrics lie in the memory that the workers share.
 */


#ifndef _NGX_HTTP_OUTRIDER_METRICS_H_INCLUDED_
#define _NGX_HTTP_OUTRIDER_METRICS_H_INCLUDED_


#include "ngx_http_outrider.h"


/* workers share cells when there are more of them: additions are atomic */
#define NGX_HTTP_OUTRIDER_CELLS     8

/* labels may come from requests: a module must not fill the memory */
#define NGX_HTTP_OUTRIDER_SERIES    10000
#define NGX_HTTP_OUTRIDER_LABELS    2048

#define NGX_HTTP_OUTRIDER_ZONE      (4 * 1024 * 1024)
#define NGX_HTTP_OUTRIDER_BUCKETS   65
#define NGX_HTTP_OUTRIDER_HASH      256


typedef enum {
    NGX_HTTP_OUTRIDER_COUNTER,
    NGX_HTTP_OUTRIDER_GAUGE,
    NGX_HTTP_OUTRIDER_HISTOGRAM
} ngx_http_outrider_metric_e;

typedef struct ngx_http_outrider_series_s  ngx_http_outrider_series_t;
typedef struct ngx_http_outrider_family_s  ngx_http_outrider_family_t;

struct ngx_http_outrider_series_s {
    ngx_http_outrider_series_t   *next;       /* of the family */
    ngx_http_outrider_series_t   *bucket;     /* of the hash */
    uint32_t                      hash;
    size_t                        len;        /* of the labels' values, each ended by a 0 */
    ngx_atomic_t                  value[NGX_HTTP_OUTRIDER_CELLS];
    ngx_atomic_t                 *counts;     /* of a histogram, by powers of two */
    u_char                        labels[1];
};

struct ngx_http_outrider_family_s {
    ngx_http_outrider_metric_e    kind;
    size_t                        len;        /* of name and labels' names, each ended by a 0 */
    ngx_uint_t                    nlabels;
    ngx_uint_t                    nseries;
    ngx_http_outrider_series_t   *series;
    ngx_http_outrider_family_t   *next;
    ngx_http_outrider_series_t   *table[NGX_HTTP_OUTRIDER_HASH];
    u_char                        names[1];
};

typedef struct {
    ngx_http_outrider_family_t   *families;
} ngx_http_outrider_metrics_t;


extern ngx_http_outrider_metrics_t  *ngx_http_outrider_shared;
extern ngx_slab_pool_t              *ngx_http_outrider_slab;


#endif /* _NGX_HTTP_OUTRIDER_METRICS_H_INCLUDED_ */
