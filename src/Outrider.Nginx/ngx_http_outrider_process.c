
/*
 * The callbacks that belong to no request: the log, the process, what modules
 * of one process share; and those that nginx has nothing for, which say so in
 * the log when they are first used.
 */


#include "ngx_http_outrider.h"
#include <pthread.h>


/* one line of a module's; longer ones are cut, as nginx cuts its own */
#define NGX_HTTP_OUTRIDER_LINE  1900

/* more than this is no line, but a length that was made up */
#define NGX_HTTP_OUTRIDER_MOST  (16 * 1024 * 1024)


typedef struct ngx_http_outrider_named_s  ngx_http_outrider_named_t;

struct ngx_http_outrider_named_s {
    ngx_http_outrider_named_t  *next;
    void                       *value;
    size_t                      len;
    u_char                      key[1];
};


extern u_char  ngx_http_outrider_last_words[512];

static pthread_mutex_t             ngx_http_outrider_named_lock
                                       = PTHREAD_MUTEX_INITIALIZER;
static ngx_http_outrider_named_t  *ngx_http_outrider_functions;
static ngx_http_outrider_named_t  *ngx_http_outrider_data;


static ngx_uint_t
ngx_http_outrider_level(uint32_t level)
{
    static ngx_uint_t  levels[] = {
        NGX_LOG_DEBUG, NGX_LOG_DEBUG, NGX_LOG_INFO, NGX_LOG_WARN, NGX_LOG_ERR,
        NGX_LOG_CRIT
    };

    return level < NGX_OUTRIDER_LOG_OFF ? levels[level] : 0;
}


static ngx_log_t *
ngx_http_outrider_log_of(void)
{
    ngx_http_outrider_filter_t  *f;

    f = ngx_http_outrider_running();

    return f && f->ctx->request->pool ? f->ctx->request->connection->log
                                      : ngx_cycle->log;
}


static void
ngx_http_outrider_write_log(uint32_t level, ngx_outrider_text_t text)
{
    u_char       line[NGX_HTTP_OUTRIDER_LINE + 1];
    size_t       i, len;
    ngx_log_t   *log;
    ngx_uint_t   l;

    l = ngx_http_outrider_level(level);

    if (l == 0 || text.data == NULL || text.len > NGX_HTTP_OUTRIDER_MOST) {
        return;
    }

    len = ngx_min(text.len, NGX_HTTP_OUTRIDER_LINE);

    /* one line is one line, whatever a client put into it */

    for (i = 0; i < len; i++) {
        line[i] = text.data[i];

        if (line[i] == '\n') {
            line[i] = (i + 1 < len) ? ' ' : '\0';
        }

        if ((line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f) {
            line[i] = line[i] ? '?' : ' ';
        }
    }

    line[len] = '\0';

    if (l <= NGX_LOG_WARN && len
        && !ngx_http_outrider_last_words[0]
        && ngx_http_outrider_running() == NULL)
    {
        len = ngx_min(len, sizeof(ngx_http_outrider_last_words) - 1);
        ngx_memcpy(ngx_http_outrider_last_words, line, len);
        ngx_http_outrider_last_words[len] = '\0';
    }

    log = ngx_http_outrider_log_of();

    if (log->log_level >= l) {
        ngx_log_error_core(l, log, 0, "module: %s", line);
    }
}


void
NGX_OUTRIDER_CALLBACK(log)(uint32_t level, ngx_outrider_text_t text)
{
    ngx_http_outrider_write_log(level, text);
}


void
NGX_OUTRIDER_CALLBACK(log_v2)(uint32_t level, ngx_outrider_text_t text,
    ngx_outrider_text_t file, uint32_t line)
{
    ngx_http_outrider_write_log(level, text);
}


bool
NGX_OUTRIDER_CALLBACK(log_enabled)(uint32_t level)
{
    ngx_uint_t  l;

    l = ngx_http_outrider_level(level);

    return l && ngx_http_outrider_log_of()->log_level >= l;
}


uint32_t
NGX_OUTRIDER_CALLBACK(get_log_level)(void)
{
    uint32_t  level;

    for (level = 0; level < NGX_OUTRIDER_LOG_OFF; level++) {
        if (ngx_http_outrider_log_of()->log_level
            >= ngx_http_outrider_level(level))
        {
            break;
        }
    }

    return level;
}


uint32_t
NGX_OUTRIDER_CALLBACK(get_concurrency)(void)
{
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(ngx_cycle->conf_ctx,
                                           ngx_core_module);

    return ccf && ccf->worker_processes > 0 ? ccf->worker_processes : 1;
}


bool
NGX_OUTRIDER_CALLBACK(is_validation_mode)(void)
{
    return ngx_http_outrider_validating();
}


static ngx_http_outrider_named_t *
ngx_http_outrider_named(ngx_http_outrider_named_t *all, ngx_outrider_text_t key)
{
    for ( /* void */ ; all; all = all->next) {
        if (all->len == key.len
            && ngx_memcmp(all->key, key.data, key.len) == 0)
        {
            return all;
        }
    }

    return NULL;
}


static bool
ngx_http_outrider_register(ngx_http_outrider_named_t **all,
    ngx_outrider_text_t key, void *value, ngx_uint_t replace)
{
    bool                        done;
    ngx_http_outrider_named_t  *named;

    if (value == NULL || key.data == NULL || key.len > 65535) {
        return false;
    }

    done = false;

    (void) pthread_mutex_lock(&ngx_http_outrider_named_lock);

    named = ngx_http_outrider_named(*all, key);

    if (named) {
        if (replace) {
            named->value = value;
            done = true;
        }

    } else {
        named = malloc(sizeof(ngx_http_outrider_named_t) + key.len);

        if (named) {
            named->value = value;
            named->len = key.len;
            ngx_memcpy(named->key, key.data, key.len);
            named->next = *all;
            *all = named;
            done = true;
        }
    }

    (void) pthread_mutex_unlock(&ngx_http_outrider_named_lock);

    return done;
}


static bool
ngx_http_outrider_registered(ngx_http_outrider_named_t **all,
    ngx_outrider_text_t key, void **value)
{
    ngx_http_outrider_named_t  *named;

    if (key.data == NULL) {
        return false;
    }

    (void) pthread_mutex_lock(&ngx_http_outrider_named_lock);

    named = ngx_http_outrider_named(*all, key);

    if (named) {
        *value = named->value;
    }

    (void) pthread_mutex_unlock(&ngx_http_outrider_named_lock);

    return named != NULL;
}


bool
NGX_OUTRIDER_CALLBACK(register_function)(ngx_outrider_text_t key,
    void *function)
{
    return ngx_http_outrider_register(&ngx_http_outrider_functions, key,
                                      function, 0);
}


bool
NGX_OUTRIDER_CALLBACK(get_function)(ngx_outrider_text_t key, void **function)
{
    return ngx_http_outrider_registered(&ngx_http_outrider_functions, key,
                                        function);
}


bool
NGX_OUTRIDER_CALLBACK(register_shared_data)(ngx_outrider_text_t key,
    void *data)
{
    return ngx_http_outrider_register(&ngx_http_outrider_data, key, data, 1);
}


bool
NGX_OUTRIDER_CALLBACK(get_shared_data)(ngx_outrider_text_t key, void **data)
{
    return ngx_http_outrider_registered(&ngx_http_outrider_data, key, data);
}


/* A module's default stands. */

bool
NGX_OUTRIDER_CALLBACK(get_runtime_bool)(ngx_outrider_text_t key, bool otherwise)
{
    ngx_http_outrider_cannot("get_runtime_bool",
                             "no value changes while nginx runs");
    return otherwise;
}


uint64_t
NGX_OUTRIDER_CALLBACK(get_runtime_int)(ngx_outrider_text_t key,
    uint64_t otherwise)
{
    ngx_http_outrider_cannot("get_runtime_int",
                             "no value changes while nginx runs");
    return otherwise;
}


double
NGX_OUTRIDER_CALLBACK(get_runtime_number)(ngx_outrider_text_t key,
    double otherwise)
{
    ngx_http_outrider_cannot("get_runtime_number",
                             "no value changes while nginx runs");
    return otherwise;
}


/* Each name once in a process; which thread comes first does not matter. */

void
ngx_http_outrider_cannot(const char *callback, const char *why)
{
    ngx_uint_t          i;

    static const char  *said[1024];

    for (i = 0; i < 1024 && said[i]; i++) {
        if (said[i] == callback) {
            return;
        }
    }

    if (i < 1024) {
        said[i] = callback;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "outrider: a module called %s: %s; the answer is no",
                  callback, why);
}
