
/*
 * What the files of this module share.  In the order of a request: a location
 * names its uses of filters (conf), the rewrite phase begins them (phase), the
 * driver takes a message through them (driver), request bodies come from
 * nginx's request body filters (request_body), responses from its header and
 * body filters (response), answers of the filters' own are made in reply.
 */


#ifndef _NGX_HTTP_OUTRIDER_H_INCLUDED_
#define _NGX_HTTP_OUTRIDER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>
#include "ngx_http_outrider_abi.h"


#if (nginx_version < 1021002)
#error "this module needs nginx 1.21.2 or later: request body filters that may hold a body back"
#endif


#define NGX_HTTP_OUTRIDER_REQUEST   0
#define NGX_HTTP_OUTRIDER_RESPONSE  1

/* the one of r->buffered's four bits that nginx itself does not use */
#define NGX_HTTP_OUTRIDER_BUFFERED  0x08


typedef struct ngx_http_outrider_ctx_s     ngx_http_outrider_ctx_t;
typedef struct ngx_http_outrider_filter_s  ngx_http_outrider_filter_t;
typedef struct ngx_http_outrider_callout_s ngx_http_outrider_callout_t;


/* a library, as an outrider_module directive names it */

typedef struct {
    ngx_str_t                      name;
    ngx_str_t                      path;
    u_char                        *file;
    ngx_uint_t                     line;
    void                          *handle;
    ngx_outrider_hooks_t           hooks;
} ngx_http_outrider_library_t;


/*
 * A filter of a library with a configuration, as an outrider_filter directive
 * names it.  "outer" is the use of the same filter in the enclosing block: if
 * the library takes the text for a route's configuration alone, the outer one's
 * configuration stands.  The lower half belongs to the worker process.
 */

typedef struct ngx_http_outrider_use_s  ngx_http_outrider_use_t;

struct ngx_http_outrider_use_s {
    ngx_http_outrider_library_t   *library;
    ngx_str_t                      filter;
    ngx_str_t                      text;
    u_char                        *file;
    ngx_uint_t                     line;
    ngx_http_outrider_use_t       *outer;

    void                          *config;
    void                          *route;
    ngx_http_outrider_use_t       *owner;    /* whose config it is */
    ngx_array_t                   *metrics;  /* ngx_http_outrider_family_t * */
    time_t                         tried;
    uint32_t                       needs;    /* of responses */
    unsigned                       ready:1;
    unsigned                       frozen:1;
    unsigned                       reported:1;
};


typedef struct {
    ngx_array_t                    libraries; /* ngx_http_outrider_library_t * */
    ngx_array_t                    uses;      /* ngx_http_outrider_use_t * */
    ngx_str_t                      dotnet_root;
    ngx_shm_zone_t                *metrics;
    ngx_uint_t                     checking;
} ngx_http_outrider_main_conf_t;


typedef struct {
    ngx_array_t                   *uses;      /* ngx_http_outrider_use_t * */
    ngx_array_t                   *off;       /* ngx_http_outrider_library_t * */
    ngx_flag_t                     all_off;
    size_t                         buffer_size;
} ngx_http_outrider_loc_conf_t;


/* bytes of a body: lent by nginx (start is NULL), or memory of our own */

typedef struct {
    u_char                        *data;
    size_t                         len;
    u_char                        *start;
    size_t                         size;
} ngx_http_outrider_body_t;


/* one message's way through one filter */

typedef struct {
    ngx_http_outrider_body_t       in;       /* has come, was not shown yet */
    ngx_http_outrider_body_t       held;     /* was shown, the filter keeps it */
    ngx_http_outrider_body_t      *piece;    /* what a running body hook sees */

    unsigned                       head_in:1;
    unsigned                       head_seen:1;
    unsigned                       head_out:1;
    unsigned                       end_in:1;
    unsigned                       end_seen:1;
    unsigned                       end_out:1;
    unsigned                       trailers_in:1;
    unsigned                       trailers_seen:1;

    unsigned                       stop_all:1;  /* no hook before "continue" */
    unsigned                       stopped:1;   /* as much; the body was shown */
    unsigned                       holds:1;     /* the head waits for the body */
    unsigned                       go_on:1;     /* the filter said "continue" */
    unsigned                       unseen:1;    /* the filter needs no more of it */
} ngx_http_outrider_pass_t;


/* a filter of one request: the library's object and where the messages are */

struct ngx_http_outrider_filter_s {
    ngx_http_outrider_ctx_t       *ctx;
    ngx_http_outrider_use_t       *use;
    ngx_http_outrider_filter_t    *next;
    ngx_http_outrider_filter_t    *prev;
    void                          *host;      /* what the library knows us by */
    void                          *module;    /* what the library gave us */
    ngx_http_outrider_pass_t       pass[2];
    ngx_http_outrider_callout_t   *callouts;
    unsigned                       answered:1;
    unsigned                       complete:1;
};


/* one message between nginx and the first, and the last, of its filters */

typedef struct {
    ngx_chain_t                   *in;        /* nginx's, not shown yet */
    ngx_chain_t                   *out;
    ngx_chain_t                  **last_out;
    ngx_chain_t                   *free;
    ngx_chain_t                   *busy;
    ngx_buf_tag_t                  tag;       /* of our own buffers */
    ngx_buf_t                     *buf;       /* whose bytes are on their way */
    off_t                          passed;    /* bytes */
    off_t                          announced; /* by the head; -1 if it was not */

    unsigned                       head_in:1;
    unsigned                       head_out:1;   /* all filters let it pass */
    unsigned                       head_sent:1;  /* nginx has it */
    unsigned                       end_in:1;
    unsigned                       end_out:1;
    unsigned                       end_sent:1;
    unsigned                       modified:1;
    unsigned                       length_set:1; /* by a filter */
    unsigned                       empty:1;      /* over with its head, as it came */
    unsigned                       flush:1;
    unsigned                       bypass:1;     /* no filter sees it (any more) */
    unsigned                       drop:1;       /* nothing more goes on */
    unsigned                       trailers_in:1;
    unsigned                       through:1;    /* no filter needs its body */
} ngx_http_outrider_side_t;


/* an answer of a filter's own */

typedef struct {
    ngx_uint_t                     status;
    ngx_array_t                    fields;    /* ngx_outrider_field_t */
    ngx_str_t                      body;
    ngx_str_t                      details;
    unsigned                       of_response:1;
} ngx_http_outrider_reply_t;


typedef enum {
    NGX_HTTP_OUTRIDER_PIECE_HEAD,
    NGX_HTTP_OUTRIDER_PIECE_DATA,
    NGX_HTTP_OUTRIDER_PIECE_TRAILERS
} ngx_http_outrider_piece_kind_e;

typedef struct ngx_http_outrider_piece_s  ngx_http_outrider_piece_t;

struct ngx_http_outrider_piece_s {
    ngx_http_outrider_piece_kind_e kind;
    ngx_array_t                    fields;    /* ngx_outrider_field_t */
    ngx_http_outrider_body_t       data;
    ngx_http_outrider_filter_t    *filter;
    ngx_http_outrider_piece_t     *next;
    unsigned                       end:1;
};


typedef struct ngx_http_outrider_datum_s  ngx_http_outrider_datum_t;
typedef struct ngx_http_outrider_state_s  ngx_http_outrider_state_t;


struct ngx_http_outrider_ctx_s {
    ngx_http_request_t            *request;
    ngx_http_outrider_filter_t    *first;
    ngx_http_outrider_filter_t    *last;
    ngx_http_outrider_side_t       side[2];
    ngx_http_outrider_side_t       streamed;  /* pieces on their way to the second */
    size_t                         buffer_limit;
    ngx_uint_t                     method;     /* the client's */

    ngx_http_outrider_filter_t    *running;    /* whose hook runs */
    ngx_http_outrider_reply_t     *reply;      /* is to take the response's place */
    ngx_http_outrider_piece_t     *pieces;     /* of a streamed reply, to be sent */
    ngx_http_outrider_piece_t    **last_piece;
    ngx_http_outrider_filter_t    *streamer;
    ngx_str_t                      details;
    ngx_str_t                      flags;

    ngx_http_outrider_datum_t     *metadata;
    ngx_http_outrider_state_t     *state;

    ngx_http_event_handler_pt      read_body;  /* nginx's own, while we wait */
    ngx_event_t                    event;      /* leads back here, posted */

    u_char                         status_text[NGX_INT_T_LEN];

    unsigned                       waiting:1;     /* the phases stand still */
    unsigned                       reading:1;     /* the phase reads the body */
    unsigned                       body_read:1;
    unsigned                       reset:1;
    unsigned                       clear_route:1;
    unsigned                       replying:1;    /* the response is our reply */
    unsigned                       streaming:1;
    unsigned                       stream_end:1;
    unsigned                       above_high:1;
    unsigned                       request_dirty:1;
    unsigned                       closed:1;      /* the request is at its end */
    unsigned                       logged:1;
    unsigned                       sent:1;        /* all of the response is */
    unsigned                       local:1;       /* nginx, or we, made the response */
    unsigned                       early:1;       /* the response came before them */
    unsigned                       cut:1;         /* amid the response */
    unsigned                       in_memory:1;   /* others need it, too */
};


/* conf */

extern ngx_module_t  ngx_http_outrider_module;

ngx_http_outrider_main_conf_t *ngx_http_outrider_cycle_conf(ngx_cycle_t *cycle);


/* libraries and configurations: nothing is loaded in the master */

void ngx_http_outrider_stay(void);
ngx_int_t ngx_http_outrider_load(ngx_http_outrider_library_t *library,
    ngx_log_t *log);
ngx_int_t ngx_http_outrider_configure(ngx_http_outrider_use_t *use,
    ngx_log_t *log);
ngx_int_t ngx_http_outrider_ready(ngx_http_outrider_use_t *use, ngx_log_t *log);
void ngx_http_outrider_unconfigure(ngx_http_outrider_use_t *use);
ngx_uint_t ngx_http_outrider_validating(void);
void ngx_http_outrider_set_validating(void);


/* the environment of libraries */

void ngx_http_outrider_set_environment(ngx_http_outrider_main_conf_t *omcf,
    ngx_log_t *log);


/* signals, which a library's threads must not swallow */

void ngx_http_outrider_keep_signals(ngx_log_t *log);
void ngx_http_outrider_save_signals(void);
void ngx_http_outrider_restore_signals(void);


/* requests */

ngx_http_outrider_ctx_t *ngx_http_outrider_get_ctx(ngx_http_request_t *r);
ngx_http_outrider_ctx_t *ngx_http_outrider_create_ctx(ngx_http_request_t *r);
ngx_int_t ngx_http_outrider_rewrite_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_outrider_log_handler(ngx_http_request_t *r);
void ngx_http_outrider_ask(ngx_http_outrider_ctx_t *ctx);
void ngx_http_outrider_resume_handler(ngx_event_t *ev);
ngx_int_t ngx_http_outrider_finish_reset(ngx_http_outrider_ctx_t *ctx);
ngx_int_t ngx_http_outrider_begin_all(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_loc_conf_t *olcf);
ngx_int_t ngx_http_outrider_advance(ngx_http_outrider_ctx_t *ctx);
ngx_int_t ngx_http_outrider_finish(ngx_http_outrider_ctx_t *ctx);
void ngx_http_outrider_hold_worker(void);
void ngx_http_outrider_let_worker_go(void);


/* filters of a request */

ngx_int_t ngx_http_outrider_begin(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_use_t *use);
void ngx_http_outrider_end(ngx_http_outrider_filter_t *f);
ngx_http_outrider_filter_t *ngx_http_outrider_find(void *host);
ngx_http_outrider_filter_t *ngx_http_outrider_alive(void *host);
void *ngx_http_outrider_enter(ngx_http_outrider_filter_t *f);
void ngx_http_outrider_leave(ngx_http_outrider_filter_t *f, void *outer);
ngx_http_outrider_filter_t *ngx_http_outrider_running(void);
ngx_uint_t ngx_http_outrider_is_worker_thread(void);
void ngx_http_outrider_own_thread(void);


/* the driver */

ngx_int_t ngx_http_outrider_pump(ngx_http_outrider_ctx_t *ctx, ngx_uint_t d);
ngx_uint_t ngx_http_outrider_blocked(ngx_http_outrider_ctx_t *ctx,
    ngx_uint_t d);
ngx_int_t ngx_http_outrider_feed(ngx_http_outrider_ctx_t *ctx, ngx_uint_t d);
ngx_chain_t *ngx_http_outrider_take_out(ngx_http_outrider_ctx_t *ctx,
    ngx_uint_t d);


/* bodies */

ngx_int_t ngx_http_outrider_body_append(ngx_http_outrider_body_t *b,
    u_char *data, size_t len);
ngx_int_t ngx_http_outrider_body_move(ngx_http_outrider_body_t *to,
    ngx_http_outrider_body_t *from);
ngx_int_t ngx_http_outrider_body_copy(ngx_http_outrider_body_t *b);
void ngx_http_outrider_body_free(ngx_http_outrider_body_t *b);
void ngx_http_outrider_body_drain(ngx_http_outrider_body_t *b, size_t len);
ngx_int_t ngx_http_outrider_out_body(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side, ngx_http_outrider_body_t *b);
ngx_int_t ngx_http_outrider_out_buf(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side, ngx_buf_t *b);
ngx_buf_t *ngx_http_outrider_out_special(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side);
void ngx_http_outrider_init_side(ngx_http_outrider_side_t *side, void *tag);
void ngx_http_outrider_update(ngx_http_outrider_ctx_t *ctx,
    ngx_http_outrider_side_t *side, ngx_chain_t **out);
void ngx_http_outrider_release_side(ngx_http_outrider_side_t *side);


/* What was lent is copied. */

static ngx_inline ngx_int_t
ngx_http_outrider_body_own(ngx_http_outrider_body_t *b)
{
    return b->start || b->len == 0 ? NGX_OK : ngx_http_outrider_body_copy(b);
}


static ngx_inline void
ngx_http_outrider_body_release(ngx_http_outrider_body_t *b)
{
    if (b->start || b->len) {
        ngx_http_outrider_body_free(b);
    }
}


/* request bodies */

ngx_int_t ngx_http_outrider_request_body_filter_init(ngx_conf_t *cf);
ngx_int_t ngx_http_outrider_read_body(ngx_http_outrider_ctx_t *ctx);
ngx_int_t ngx_http_outrider_flush_request(ngx_http_outrider_ctx_t *ctx);
ngx_uint_t ngx_http_outrider_has_body(ngx_http_request_t *r);


/* responses */

ngx_int_t ngx_http_outrider_response_filter_init(ngx_conf_t *cf);
ngx_int_t ngx_http_outrider_flush_response(ngx_http_outrider_ctx_t *ctx);
ngx_int_t ngx_http_outrider_pump_response(ngx_http_outrider_ctx_t *ctx);
ngx_int_t ngx_http_outrider_pump_early(ngx_http_outrider_ctx_t *ctx);
ngx_int_t ngx_http_outrider_replace(ngx_http_outrider_ctx_t *ctx);
ngx_uint_t ngx_http_outrider_bodiless(ngx_http_request_t *r);


/* answers of the filters' own */

ngx_int_t ngx_http_outrider_send_reply(ngx_http_outrider_ctx_t *ctx);
ngx_int_t ngx_http_outrider_reply_head(ngx_http_outrider_ctx_t *ctx);
void ngx_http_outrider_reply_with(ngx_http_outrider_ctx_t *ctx,
    ngx_uint_t status, const char *body, const char *details);
ngx_int_t ngx_http_outrider_stream(ngx_http_outrider_ctx_t *ctx);
void ngx_http_outrider_stream_writer(ngx_http_request_t *r);
void ngx_http_outrider_forget_pieces(ngx_http_outrider_ctx_t *ctx);


/* headers */

void ngx_http_outrider_restore_method(ngx_http_outrider_ctx_t *ctx);
void ngx_http_outrider_request_sync(ngx_http_outrider_ctx_t *ctx);
ngx_int_t ngx_http_outrider_response_set(ngx_http_outrider_ctx_t *ctx,
    u_char *name, size_t name_len, u_char *value, size_t value_len,
    ngx_uint_t add);
ngx_int_t ngx_http_outrider_trailer_set(ngx_http_outrider_ctx_t *ctx,
    u_char *name, size_t name_len, u_char *value, size_t value_len,
    ngx_uint_t add);


/* wake-ups from other threads */

ngx_int_t ngx_http_outrider_scheduler_init(ngx_cycle_t *cycle);
void ngx_http_outrider_scheduler_done(void);


/* metadata and state */

ngx_int_t ngx_http_outrider_metadata_text(ngx_http_outrider_ctx_t *ctx,
    ngx_str_t *ns, ngx_str_t *key, ngx_str_t *text);
ngx_int_t ngx_http_outrider_state_text(ngx_http_outrider_ctx_t *ctx,
    ngx_str_t *key, ngx_str_t *text);
void ngx_http_outrider_state_destroy(ngx_http_outrider_ctx_t *ctx);
char *ngx_http_outrider_variable(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_outrider_add_variables(ngx_conf_t *cf);


/* metrics */

char *ngx_http_outrider_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t ngx_http_outrider_metrics_zone(ngx_conf_t *cf);
void ngx_http_outrider_metrics_open(ngx_http_outrider_main_conf_t *omcf);


/* callouts */

void ngx_http_outrider_cancel_callouts(ngx_http_outrider_filter_t *f);
ngx_uint_t ngx_http_outrider_abandon_callouts(ngx_http_outrider_ctx_t *ctx);
ngx_http_outrider_callout_t *ngx_http_outrider_callout_of(ngx_http_request_t *r);
ngx_int_t ngx_http_outrider_callout_head(ngx_http_request_t *r);
ngx_int_t ngx_http_outrider_callout_body(ngx_http_request_t *r,
    ngx_chain_t *in);


/* the log */

void ngx_http_outrider_cannot(const char *callback, const char *why);


#endif /* _NGX_HTTP_OUTRIDER_H_INCLUDED_ */
