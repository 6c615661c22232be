
/*
 * Envoy's dynamic-module ABI as far as HTTP filters go, written down from its
 * documentation: what passes between the host (this module) and a filter's
 * library.  Bytes that one side hands to the other stay the giver's, and are
 * good until the call returns; of what a callback stores, see docs/nginx.md.
 */


#ifndef _NGX_HTTP_OUTRIDER_ABI_H_INCLUDED_
#define _NGX_HTTP_OUTRIDER_ABI_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <stdbool.h>


#define NGX_OUTRIDER_CALLBACK(name)  envoy_dynamic_module_callback_##name
#define NGX_OUTRIDER_HOOK(name)      "envoy_dynamic_module_on_" name
#define NGX_OUTRIDER_FILTER_HOOK(name)                                        \
    NGX_OUTRIDER_HOOK("http_filter_" name)
#define NGX_OUTRIDER_OWN_HOOK(name)                                           \
    "outrider_module_on_http_filter_config_" name


typedef struct {
    u_char                    *data;
    size_t                     len;
} ngx_outrider_text_t;


typedef struct {
    u_char                    *name;
    size_t                     name_len;
    u_char                    *value;
    size_t                     value_len;
} ngx_outrider_field_t;


enum {
    NGX_OUTRIDER_REQUEST_HEADERS = 0,
    NGX_OUTRIDER_REQUEST_TRAILERS,
    NGX_OUTRIDER_RESPONSE_HEADERS,
    NGX_OUTRIDER_RESPONSE_TRAILERS
};

enum {
    NGX_OUTRIDER_RECEIVED_REQUEST = 0,
    NGX_OUTRIDER_BUFFERED_REQUEST,
    NGX_OUTRIDER_RECEIVED_RESPONSE,
    NGX_OUTRIDER_BUFFERED_RESPONSE
};

/* what a headers hook answers */
enum {
    NGX_OUTRIDER_HEADERS_CONTINUE = 0,
    NGX_OUTRIDER_HEADERS_STOP,
    NGX_OUTRIDER_HEADERS_CONTINUE_OPEN,
    NGX_OUTRIDER_HEADERS_STOP_ALL_BUFFER,
    NGX_OUTRIDER_HEADERS_STOP_ALL_WATERMARK
};

/* what a body hook answers */
enum {
    NGX_OUTRIDER_DATA_CONTINUE = 0,
    NGX_OUTRIDER_DATA_STOP_BUFFER,
    NGX_OUTRIDER_DATA_STOP_WATERMARK,
    NGX_OUTRIDER_DATA_STOP_NO_BUFFER
};

/* what a trailers hook answers */
enum {
    NGX_OUTRIDER_TRAILERS_CONTINUE = 0,
    NGX_OUTRIDER_TRAILERS_STOP
};

/* what the local-reply hook answers */
enum {
    NGX_OUTRIDER_REPLY_CONTINUE = 0,
    NGX_OUTRIDER_REPLY_RESET
};

enum {
    NGX_OUTRIDER_METRIC_OK = 0,
    NGX_OUTRIDER_METRIC_NOT_FOUND,
    NGX_OUTRIDER_METRIC_BAD_LABELS,
    NGX_OUTRIDER_METRIC_FROZEN
};

enum {
    NGX_OUTRIDER_CALLOUT_STARTED = 0,
    NGX_OUTRIDER_CALLOUT_MISSING_HEADERS,
    NGX_OUTRIDER_CALLOUT_NO_CLUSTER,
    NGX_OUTRIDER_CALLOUT_DUPLICATE,
    NGX_OUTRIDER_CALLOUT_CANNOT
};

enum {
    NGX_OUTRIDER_CALLOUT_SUCCESS = 0,
    NGX_OUTRIDER_CALLOUT_RESET,
    NGX_OUTRIDER_CALLOUT_TOO_LARGE
};

/* why a streamed callout ended */
enum {
    NGX_OUTRIDER_STREAM_CONNECT_FAILED = 0,
    NGX_OUTRIDER_STREAM_TERMINATED,
    NGX_OUTRIDER_STREAM_LOCAL_RESET,
    NGX_OUTRIDER_STREAM_LOCAL_REFUSED,
    NGX_OUTRIDER_STREAM_OVERFLOW,
    NGX_OUTRIDER_STREAM_REMOTE_RESET,
    NGX_OUTRIDER_STREAM_REMOTE_REFUSED,
    NGX_OUTRIDER_STREAM_PROTOCOL_ERROR
};

enum {
    NGX_OUTRIDER_LOG_TRACE = 0,
    NGX_OUTRIDER_LOG_DEBUG,
    NGX_OUTRIDER_LOG_INFO,
    NGX_OUTRIDER_LOG_WARN,
    NGX_OUTRIDER_LOG_ERROR,
    NGX_OUTRIDER_LOG_CRITICAL,
    NGX_OUTRIDER_LOG_OFF
};

/*
 * Not of Envoy's ABI: what a filter with this configuration needs, as a library
 * tells that exports ours.  It wants to see responses; and what follows a
 * response's head that it has let pass.
 */
enum {
    NGX_OUTRIDER_NEEDS_RESPONSE = 1,
    NGX_OUTRIDER_NEEDS_RESPONSE_BODY = 2,
    NGX_OUTRIDER_NEEDS_ALL = 3
};

/* "dynamic" metadata is the stream's own; of routes, clusters and hosts there is none here */
#define NGX_OUTRIDER_METADATA_DYNAMIC  0


/*
 * A library's functions.  The first pointer of a hook is the host's name for
 * the stream or the configuration, the second what the library gave for it.
 */

typedef struct {
    const char             *(*program_init)(void);
    void                   *(*config_new)(void *config,
                                ngx_outrider_text_t name,
                                ngx_outrider_text_t text);
    void                    (*config_destroy)(void *config);
    uint32_t                (*config_needs)(void *config);
    void                    (*config_scheduled)(void *host, void *config,
                                uint64_t event);
    void                   *(*route_config_new)(ngx_outrider_text_t name,
                                ngx_outrider_text_t text);
    void                    (*route_config_destroy)(void *config);
    void                   *(*filter_new)(void *config, void *host);
    void                    (*filter_destroy)(void *filter);
    uint32_t                (*headers[2])(void *host, void *filter, bool end);
    uint32_t                (*body[2])(void *host, void *filter, bool end);
    uint32_t                (*trailers[2])(void *host, void *filter);
    void                    (*stream_complete)(void *host, void *filter);
    void                    (*scheduled)(void *host, void *filter,
                                uint64_t event);
    uint32_t                (*local_reply)(void *host, void *filter,
                                uint32_t status, ngx_outrider_text_t details,
                                bool reset);
    void                    (*above_high)(void *host, void *filter);
    void                    (*below_low)(void *host, void *filter);
    void                    (*callout_done)(void *host, void *filter,
                                uint64_t id, uint32_t result,
                                ngx_outrider_field_t *headers, size_t n,
                                ngx_outrider_text_t *chunks, size_t m);
    void                    (*stream_headers)(void *host, void *filter,
                                uint64_t id, ngx_outrider_field_t *headers,
                                size_t n, bool end);
    void                    (*stream_data)(void *host, void *filter,
                                uint64_t id, ngx_outrider_text_t *chunks,
                                size_t n, bool end);
    void                    (*stream_trailers)(void *host, void *filter,
                                uint64_t id, ngx_outrider_field_t *trailers,
                                size_t n);
    void                    (*stream_end)(void *host, void *filter,
                                uint64_t id);
    void                    (*stream_reset)(void *host, void *filter,
                                uint64_t id, uint32_t reason);
} ngx_outrider_hooks_t;


#endif /* _NGX_HTTP_OUTRIDER_ABI_H_INCLUDED_ */
