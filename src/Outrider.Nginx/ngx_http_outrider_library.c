
/*
 * Libraries and configurations in a worker process (or in the child that checks
 * them): loaded once by their file, never unloaded, since a runtime that came
 * with one has threads and signal handlers that nobody could take back.
 */


#include "ngx_http_outrider.h"
#include <dlfcn.h>


typedef struct ngx_http_outrider_loaded_s  ngx_http_outrider_loaded_t;

struct ngx_http_outrider_loaded_s {
    void                        *handle;
    ngx_outrider_hooks_t         hooks;
    ngx_http_outrider_loaded_t  *next;
};


u_char  ngx_http_outrider_problem[NGX_MAX_ERROR_STR];
u_char  ngx_http_outrider_last_words[512];

static ngx_http_outrider_loaded_t  *ngx_http_outrider_all_loaded;
static ngx_uint_t                   ngx_http_outrider_only_validates;


static void ngx_cdecl
ngx_http_outrider_fail(const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(ngx_http_outrider_problem,
                      ngx_http_outrider_problem
                      + sizeof(ngx_http_outrider_problem) - 1, fmt, args);
    va_end(args);

    *p = '\0';
}


static void
ngx_http_outrider_find_hooks(void *handle, ngx_outrider_hooks_t *h)
{
#define ngx_outrider_hook(member, name)                                       \
    *(void **) &h->member = dlsym(handle, NGX_OUTRIDER_FILTER_HOOK(name))

    *(void **) &h->program_init = dlsym(handle,
                                        NGX_OUTRIDER_HOOK("program_init"));
    ngx_outrider_hook(config_new, "config_new");
    ngx_outrider_hook(config_destroy, "config_destroy");
    ngx_outrider_hook(config_scheduled, "config_scheduled");
    *(void **) &h->config_needs = dlsym(handle, NGX_OUTRIDER_OWN_HOOK("needs"));
    ngx_outrider_hook(route_config_new, "per_route_config_new");
    ngx_outrider_hook(route_config_destroy, "per_route_config_destroy");
    ngx_outrider_hook(filter_new, "new");
    ngx_outrider_hook(filter_destroy, "destroy");
    ngx_outrider_hook(headers[NGX_HTTP_OUTRIDER_REQUEST], "request_headers");
    ngx_outrider_hook(headers[NGX_HTTP_OUTRIDER_RESPONSE], "response_headers");
    ngx_outrider_hook(body[NGX_HTTP_OUTRIDER_REQUEST], "request_body");
    ngx_outrider_hook(body[NGX_HTTP_OUTRIDER_RESPONSE], "response_body");
    ngx_outrider_hook(trailers[NGX_HTTP_OUTRIDER_REQUEST], "request_trailers");
    ngx_outrider_hook(trailers[NGX_HTTP_OUTRIDER_RESPONSE],
                      "response_trailers");
    ngx_outrider_hook(stream_complete, "stream_complete");
    ngx_outrider_hook(scheduled, "scheduled");
    ngx_outrider_hook(local_reply, "local_reply");
    ngx_outrider_hook(above_high,
                      "downstream_above_write_buffer_high_watermark");
    ngx_outrider_hook(below_low,
                      "downstream_below_write_buffer_low_watermark");
    ngx_outrider_hook(callout_done, "http_callout_done");
    ngx_outrider_hook(stream_headers, "http_stream_headers");
    ngx_outrider_hook(stream_data, "http_stream_data");
    ngx_outrider_hook(stream_trailers, "http_stream_trailers");
    ngx_outrider_hook(stream_end, "http_stream_complete");
    ngx_outrider_hook(stream_reset, "http_stream_reset");

#undef ngx_outrider_hook
}


/*
 * nginx closes its modules when a worker ends; threads of libraries may still
 * call this one then.
 */

void
ngx_http_outrider_stay(void)
{
    Dl_info  info;

    if (dladdr((void *) &ngx_http_outrider_stay, &info) && info.dli_fname) {
        (void) dlopen(info.dli_fname, RTLD_NOW|RTLD_NOLOAD|RTLD_NODELETE);
    }
}


ngx_int_t
ngx_http_outrider_load(ngx_http_outrider_library_t *library, ngx_log_t *log)
{
    void                        *handle;
    const char                  *version, *missing;
    ngx_outrider_hooks_t         hooks;
    ngx_http_outrider_loaded_t  *loaded;

    if (library->handle) {
        return NGX_OK;
    }

    handle = dlopen((char *) library->path.data, RTLD_NOW|RTLD_LOCAL);
    if (handle == NULL) {
        ngx_http_outrider_fail("cannot load the module \"%V\": %s",
                               &library->name, dlerror());
        return NGX_ERROR;
    }

    for (loaded = ngx_http_outrider_all_loaded; loaded; loaded = loaded->next) {
        if (loaded->handle == handle) {
            library->handle = handle;
            library->hooks = loaded->hooks;
            return NGX_OK;
        }
    }

    ngx_http_outrider_find_hooks(handle, &hooks);

    missing = hooks.program_init == NULL ? NGX_OUTRIDER_HOOK("program_init")
              : hooks.config_new == NULL ? NGX_OUTRIDER_FILTER_HOOK("config_new")
              : hooks.filter_new == NULL ? NGX_OUTRIDER_FILTER_HOOK("new")
              : NULL;

    if (missing) {
        ngx_http_outrider_fail("%V is no module with HTTP filters: "
                               "it has no %s", &library->path, missing);
        (void) dlclose(handle);
        return NGX_ERROR;
    }

    version = hooks.program_init();

    if (version == NULL) {
        ngx_http_outrider_fail("the module \"%V\" (%V) refused to start%s%s",
                               &library->name, &library->path,
                               ngx_http_outrider_last_words[0] ? ": " : "",
                               ngx_http_outrider_last_words);
        return NGX_ERROR;
    }

    if (ngx_strcmp(version, "v0.1.0") != 0 && ngx_strcmp(version, "v0.2.0") != 0)
    {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "outrider: module \"%V\" was made for the ABI %s, "
                      "this is v0.2.0", &library->name, version);
    }

    loaded = ngx_alloc(sizeof(ngx_http_outrider_loaded_t), log);
    if (loaded == NULL) {
        ngx_http_outrider_fail("no memory for the module \"%V\"",
                               &library->name);
        return NGX_ERROR;
    }

    loaded->handle = handle;
    loaded->hooks = hooks;
    loaded->next = ngx_http_outrider_all_loaded;
    ngx_http_outrider_all_loaded = loaded;

    library->handle = handle;
    library->hooks = hooks;

    return NGX_OK;
}


static void
ngx_http_outrider_refused(ngx_http_outrider_use_t *use)
{
    ngx_http_outrider_fail("the module \"%V\" refuses the configuration of its "
                           "filter \"%V\"%s%s",
                           &use->library->name, &use->filter,
                           ngx_http_outrider_last_words[0] ? ": " : "",
                           ngx_http_outrider_last_words);
}


/*
 * A block's text is the filter's configuration, and its route's as well, for
 * libraries that ask for that.  Where it can only be a route's, the filter's
 * own is that of the block around.
 */

ngx_int_t
ngx_http_outrider_configure(ngx_http_outrider_use_t *use, ngx_log_t *log)
{
    ngx_outrider_text_t    name, text;
    ngx_outrider_hooks_t  *h;

    if (use->ready) {
        return NGX_OK;
    }

    if (ngx_http_outrider_load(use->library, log) != NGX_OK) {
        return NGX_ERROR;
    }

    if (use->outer
        && ngx_http_outrider_configure(use->outer, log) != NGX_OK)
    {
        return NGX_ERROR;
    }

    h = &use->library->hooks;

    name.data = use->filter.data;
    name.len = use->filter.len;
    text.data = use->text.data;
    text.len = use->text.len;

    if (use->metrics == NULL) {
        use->metrics = ngx_array_create(ngx_cycle->pool, 4, sizeof(void *));
        if (use->metrics == NULL) {
            ngx_http_outrider_fail("no memory for a configuration");
            return NGX_ERROR;
        }
    }

    use->metrics->nelts = 0;
    use->frozen = 0;
    ngx_http_outrider_last_words[0] = '\0';

    use->config = h->config_new(use, name, text);
    use->owner = use;
    use->frozen = 1;

    if (use->config == NULL && use->outer == NULL) {
        ngx_http_outrider_refused(use);
        return NGX_ERROR;
    }

    if (use->outer && h->route_config_new) {
        use->route = h->route_config_new(name, text);
    }

    if (use->config == NULL) {

        if (use->route == NULL) {
            ngx_http_outrider_refused(use);
            return NGX_ERROR;
        }

        use->config = use->outer->config;
        use->owner = use->outer->owner;
    }

    use->needs = h->config_needs ? h->config_needs(use->config)
                                 : NGX_OUTRIDER_NEEDS_ALL;
    use->ready = 1;

    return NGX_OK;
}


/* In a worker, at its start and at requests: not more than once in a second. */

ngx_int_t
ngx_http_outrider_ready(ngx_http_outrider_use_t *use, ngx_log_t *log)
{
    ngx_int_t  rc;

    if (use->ready) {
        return NGX_OK;
    }

    if (use->tried == ngx_time()) {
        return NGX_ERROR;
    }

    use->tried = ngx_time();

    ngx_http_outrider_save_signals();
    rc = ngx_http_outrider_configure(use, log);
    ngx_http_outrider_restore_signals();

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "outrider: %s in %s:%ui; its locations answer 503, "
                      "and it is tried again",
                      ngx_http_outrider_problem, use->file, use->line);
        use->reported = 1;

    } else if (use->reported) {
        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "outrider: filter \"%V\" of the module \"%V\" is there "
                      "again", &use->filter, &use->library->name);
        use->reported = 0;
    }

    return rc;
}


void
ngx_http_outrider_unconfigure(ngx_http_outrider_use_t *use)
{
    ngx_outrider_hooks_t  *h;

    if (!use->ready) {
        return;
    }

    use->ready = 0;
    h = &use->library->hooks;

    if (use->route && h->route_config_destroy) {
        h->route_config_destroy(use->route);
    }

    if (use->owner == use && h->config_destroy) {
        h->config_destroy(use->config);
    }
}


ngx_uint_t
ngx_http_outrider_validating(void)
{
    return ngx_http_outrider_only_validates;
}


void
ngx_http_outrider_set_validating(void)
{
    ngx_http_outrider_only_validates = 1;
}
