
/*
 * Callbacks that nginx has nothing for.  They exist, since a library that was
 * linked with "-z now" refers to all that its SDK knows; they say no as Envoy
 * does where a thing is not there, and the log names each at its first use.
 */


#include "ngx_http_outrider.h"


#define ngx_outrider_no(name, answer)                                         \
    uintptr_t                                                                 \
    NGX_OUTRIDER_CALLBACK(name)(void)                                         \
    {                                                                         \
        ngx_http_outrider_cannot(#name, "in nginx modules have HTTP filters " \
                                 "only");                                     \
        return answer;                                                        \
    }

#define NGX_OUTRIDER_NONE     0
#define NGX_OUTRIDER_METRIC   NGX_OUTRIDER_METRIC_NOT_FOUND
#define NGX_OUTRIDER_CALLOUT  NGX_OUTRIDER_CALLOUT_CANNOT

#include "ngx_http_outrider_others.h"


#define ngx_outrider_has_no(type, name, args, why, answer)                    \
    type                                                                      \
    NGX_OUTRIDER_CALLBACK(name) args                                          \
    {                                                                         \
        ngx_http_outrider_cannot(#name, why);                                 \
        return answer;                                                        \
    }

#define ngx_outrider_silent(type, name, args, answer)                         \
    type                                                                      \
    NGX_OUTRIDER_CALLBACK(name) args                                          \
    {                                                                         \
        return answer;                                                        \
    }

#define ngx_outrider_nothing(name, args)                                      \
    void                                                                      \
    NGX_OUTRIDER_CALLBACK(name) args                                          \
    {                                                                         \
    }


/* no tracing: as in an Envoy without a tracer there is no span */

ngx_outrider_has_no(void *, http_get_active_span, (void *host),
    "there is no tracing", NULL)
ngx_outrider_nothing(http_span_set_tag, (void *span, ngx_outrider_text_t key,
    ngx_outrider_text_t value))
ngx_outrider_nothing(http_span_set_tag_batch, (void *span,
    ngx_outrider_field_t *tags, size_t n))
ngx_outrider_nothing(http_span_set_operation, (void *span,
    ngx_outrider_text_t name))
ngx_outrider_nothing(http_span_log, (void *host, void *span,
    ngx_outrider_text_t text))
ngx_outrider_nothing(http_span_set_sampled, (void *span, bool sampled))
ngx_outrider_nothing(http_span_disable_local_decision, (void *span))
ngx_outrider_silent(bool, http_span_get_baggage, (void *span,
    ngx_outrider_text_t key, ngx_outrider_text_t *value), false)
ngx_outrider_nothing(http_span_set_baggage, (void *span,
    ngx_outrider_text_t key, ngx_outrider_text_t value))
ngx_outrider_silent(bool, http_span_get_trace_id, (void *span,
    ngx_outrider_text_t *id), false)
ngx_outrider_silent(bool, http_span_get_span_id, (void *span,
    ngx_outrider_text_t *id), false)
ngx_outrider_silent(void *, http_span_spawn_child, (void *host, void *span,
    ngx_outrider_text_t name), NULL)
ngx_outrider_nothing(http_child_span_finish, (void *span))


/* sockets are nginx's */

ngx_outrider_has_no(bool, http_set_socket_option_int, (void *host,
    int64_t level, int64_t name, int state, int direction, int64_t value),
    "a connection is nginx's", false)
ngx_outrider_has_no(bool, http_set_socket_option_bytes, (void *host,
    int64_t level, int64_t name, int state, int direction,
    ngx_outrider_text_t value), "a connection is nginx's", false)
ngx_outrider_has_no(bool, http_get_socket_option_int, (void *host,
    int64_t level, int64_t name, int state, int direction, int64_t *value),
    "a connection is nginx's", false)
ngx_outrider_has_no(bool, http_get_socket_option_bytes, (void *host,
    int64_t level, int64_t name, int state, int direction,
    ngx_outrider_text_t *value), "a connection is nginx's", false)


/* no source of secrets */

ngx_outrider_has_no(size_t, http_filter_config_generic_secret_subscribe,
    (void *config, ngx_outrider_text_t name, ngx_outrider_text_t source),
    "there is no SDS", 0)
ngx_outrider_has_no(bool, http_filter_config_get_generic_secret,
    (void *config, size_t id, ngx_outrider_text_t *secret),
    "there is no SDS", false)
ngx_outrider_has_no(bool, http_filter_get_generic_secret,
    (void *host, size_t id, ngx_outrider_text_t *secret),
    "there is no SDS", false)


/* a configuration has no request, and callouts are subrequests */

ngx_outrider_has_no(uint32_t, http_filter_config_http_callout, (void *config,
    uint64_t *id, ngx_outrider_text_t cluster, ngx_outrider_field_t *headers,
    size_t n, ngx_outrider_text_t body, uint64_t timeout),
    "a callout is a subrequest, and a configuration has no request",
    NGX_OUTRIDER_CALLOUT_CANNOT)
ngx_outrider_has_no(uint32_t, http_filter_config_start_http_stream,
    (void *config, uint64_t *id, ngx_outrider_text_t cluster,
    ngx_outrider_field_t *headers, size_t n, ngx_outrider_text_t body,
    bool end, uint64_t timeout),
    "a callout is a subrequest, and a configuration has no request",
    NGX_OUTRIDER_CALLOUT_CANNOT)
ngx_outrider_nothing(http_filter_config_reset_http_stream, (void *config,
    uint64_t id))
ngx_outrider_silent(bool, http_filter_config_stream_send_data, (void *config,
    uint64_t id, ngx_outrider_text_t data, bool end), false)
ngx_outrider_silent(bool, http_filter_config_stream_send_trailers,
    (void *config, uint64_t id, ngx_outrider_field_t *trailers, size_t n),
    false)


/* connections to upstreams have no numbers */

ngx_outrider_has_no(uint64_t, http_get_upstream_connection_id, (void *host),
    "a connection to an upstream has no number", 0)
ngx_outrider_has_no(size_t, http_get_upstream_connection_ids_attempted_size,
    (void *host), "a connection to an upstream has no number", 0)
ngx_outrider_silent(bool, http_get_upstream_connection_ids_attempted,
    (void *host, uint64_t *ids), false)
