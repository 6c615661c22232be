
/*
 * Directives and their inheritance, and the module's place among nginx's.
 */


#include "ngx_http_outrider.h"


static ngx_int_t ngx_http_outrider_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_outrider_postconfiguration(ngx_conf_t *cf);
static void *ngx_http_outrider_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_outrider_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_outrider_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_outrider_library(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_outrider_filter(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_outrider_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_outrider_init_process(ngx_cycle_t *cycle);
static void ngx_http_outrider_exit_process(ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_outrider_commands[] = {

    { ngx_string("outrider_module"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_outrider_library,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("outrider_dotnet_root"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_outrider_main_conf_t, dotnet_root),
      NULL },

    { ngx_string("outrider_variable"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE23,
      ngx_http_outrider_variable,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("outrider_filter"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE123,
      ngx_http_outrider_filter,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("outrider_buffer_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_outrider_loc_conf_t, buffer_size),
      NULL },

    { ngx_string("outrider_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_outrider_metrics,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_outrider_module_ctx = {
    ngx_http_outrider_preconfiguration,    /* preconfiguration */
    ngx_http_outrider_postconfiguration,   /* postconfiguration */

    ngx_http_outrider_create_main_conf,    /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_outrider_create_loc_conf,     /* create location configuration */
    ngx_http_outrider_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_outrider_module = {
    NGX_MODULE_V1,
    &ngx_http_outrider_module_ctx,         /* module context */
    ngx_http_outrider_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_outrider_init_module,         /* init module */
    ngx_http_outrider_init_process,        /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_outrider_exit_process,        /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


ngx_http_outrider_main_conf_t *
ngx_http_outrider_cycle_conf(ngx_cycle_t *cycle)
{
    ngx_http_conf_ctx_t  *ctx;

    ctx = (ngx_http_conf_ctx_t *) ngx_get_conf(cycle->conf_ctx,
                                               ngx_http_module);

    return ctx ? ctx->main_conf[ngx_http_outrider_module.ctx_index] : NULL;
}


static ngx_int_t
ngx_http_outrider_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_outrider_add_variables(cf);
}


static ngx_int_t
ngx_http_outrider_postconfiguration(ngx_conf_t *cf)
{
    ngx_uint_t                       i;
    ngx_http_handler_pt             *h;
    ngx_http_core_main_conf_t       *cmcf;
    ngx_http_outrider_library_t    **library;
    ngx_http_outrider_main_conf_t   *omcf;

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_outrider_module);

    library = omcf->libraries.elts;

    for (i = 0; i < omcf->libraries.nelts; i++) {
        if (library[i]->path.len == 0) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "there is no \"outrider_module %V\" in %s:%ui",
                          &library[i]->name, library[i]->file,
                          library[i]->line);
            return NGX_ERROR;
        }
    }

    if (omcf->libraries.nelts == 0) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_outrider_rewrite_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_outrider_log_handler;

    if (ngx_http_outrider_request_body_filter_init(cf) != NGX_OK
        || ngx_http_outrider_response_filter_init(cf) != NGX_OK
        || ngx_http_outrider_metrics_zone(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void *
ngx_http_outrider_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_outrider_main_conf_t  *omcf;

    omcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_outrider_main_conf_t));
    if (omcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&omcf->libraries, cf->pool, 4,
                       sizeof(ngx_http_outrider_library_t *))
        != NGX_OK
        || ngx_array_init(&omcf->uses, cf->pool, 8,
                          sizeof(ngx_http_outrider_use_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return omcf;
}


static void *
ngx_http_outrider_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_outrider_loc_conf_t  *olcf;

    olcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_outrider_loc_conf_t));
    if (olcf == NULL) {
        return NULL;
    }

    olcf->all_off = NGX_CONF_UNSET;
    olcf->buffer_size = NGX_CONF_UNSET_SIZE;

    return olcf;
}


/*
 * As directives of nginx that may be repeated: uses of a block stand in the
 * place of those around it.  A block that only turns libraries off keeps the
 * others, so that nobody loses a filter that he did not name.
 */

static char *
ngx_http_outrider_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_outrider_loc_conf_t *prev = parent;
    ngx_http_outrider_loc_conf_t *conf = child;

    ngx_uint_t                     i, j;
    ngx_http_outrider_use_t      **use, **outer, **kept;
    ngx_http_outrider_library_t  **off;

    ngx_conf_merge_size_value(conf->buffer_size, prev->buffer_size,
                              1024 * 1024);

    if (conf->uses) {
        use = conf->uses->elts;
        outer = prev->uses ? prev->uses->elts : NULL;

        for (i = 0; i < conf->uses->nelts; i++) {
            for (j = 0; prev->uses && j < prev->uses->nelts; j++) {
                if (use[i]->library == outer[j]->library
                    && use[i]->filter.len == outer[j]->filter.len
                    && ngx_memcmp(use[i]->filter.data, outer[j]->filter.data,
                                  use[i]->filter.len)
                       == 0)
                {
                    use[i]->outer = outer[j];
                    break;
                }
            }
        }

        return NGX_CONF_OK;
    }

    if (conf->all_off == 1 || prev->uses == NULL) {
        return NGX_CONF_OK;
    }

    if (conf->off == NULL) {
        conf->uses = prev->uses;
        return NGX_CONF_OK;
    }

    conf->uses = ngx_array_create(cf->pool, prev->uses->nelts,
                                  sizeof(ngx_http_outrider_use_t *));
    if (conf->uses == NULL) {
        return NGX_CONF_ERROR;
    }

    outer = prev->uses->elts;
    off = conf->off->elts;

    for (i = 0; i < prev->uses->nelts; i++) {
        for (j = 0; j < conf->off->nelts; j++) {
            if (outer[i]->library == off[j]) {
                break;
            }
        }

        if (j == conf->off->nelts) {
            kept = ngx_array_push(conf->uses);
            *kept = outer[i];
        }
    }

    return NGX_CONF_OK;
}


static ngx_http_outrider_library_t *
ngx_http_outrider_library_named(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t                       i;
    ngx_http_outrider_library_t    **library, *added;
    ngx_http_outrider_main_conf_t   *omcf;

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_outrider_module);

    library = omcf->libraries.elts;

    for (i = 0; i < omcf->libraries.nelts; i++) {
        if (library[i]->name.len == name->len
            && ngx_memcmp(library[i]->name.data, name->data, name->len) == 0)
        {
            return library[i];
        }
    }

    added = ngx_pcalloc(cf->pool, sizeof(ngx_http_outrider_library_t));
    library = ngx_array_push(&omcf->libraries);
    if (added == NULL || library == NULL) {
        return NULL;
    }

    added->name = *name;
    added->file = cf->conf_file->file.name.data;
    added->line = cf->conf_file->line;

    *library = added;

    return added;
}


static char *
ngx_http_outrider_library(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                    *value;
    ngx_http_outrider_library_t  *library;

    value = cf->args->elts;

    library = ngx_http_outrider_library_named(cf, &value[1]);
    if (library == NULL) {
        return NGX_CONF_ERROR;
    }

    if (library->path.len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "outrider_module \"%V\" is there already", &value[1]);
        return NGX_CONF_ERROR;
    }

    library->path = value[2];
    library->file = cf->conf_file->file.name.data;
    library->line = cf->conf_file->line;

    if (ngx_conf_full_name(cf->cycle, &library->path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_outrider_filter(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_outrider_loc_conf_t *olcf = conf;

    ngx_str_t                       *value;
    ngx_uint_t                       n;
    ngx_http_outrider_use_t        **slot, *use;
    ngx_http_outrider_library_t     *library, **off;
    ngx_http_outrider_main_conf_t   *omcf;

    value = cf->args->elts;
    n = cf->args->nelts;

    if (n == 2) {
        if (ngx_strcmp(value[1].data, "off") != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"outrider_filter\" needs the name of a module "
                               "and of its filter, or \"off\"");
            return NGX_CONF_ERROR;
        }

        if (olcf->uses) {
            goto both;
        }

        olcf->all_off = 1;
        return NGX_CONF_OK;
    }

    library = ngx_http_outrider_library_named(cf, &value[1]);
    if (library == NULL) {
        return NGX_CONF_ERROR;
    }

    if (n == 3 && ngx_strcmp(value[2].data, "off") == 0) {

        if (olcf->uses) {
            goto both;
        }

        if (olcf->off == NULL) {
            olcf->off = ngx_array_create(cf->pool, 2,
                                      sizeof(ngx_http_outrider_library_t *));
            if (olcf->off == NULL) {
                return NGX_CONF_ERROR;
            }
        }

        off = ngx_array_push(olcf->off);
        if (off == NULL) {
            return NGX_CONF_ERROR;
        }

        *off = library;

        return NGX_CONF_OK;
    }

    if (olcf->off || olcf->all_off == 1) {
        goto both;
    }

    if (olcf->uses == NULL) {
        olcf->uses = ngx_array_create(cf->pool, 2,
                                      sizeof(ngx_http_outrider_use_t *));
        if (olcf->uses == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    use = ngx_pcalloc(cf->pool, sizeof(ngx_http_outrider_use_t));
    slot = ngx_array_push(olcf->uses);
    if (use == NULL || slot == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = use;

    use->library = library;
    use->filter = value[2];
    use->file = cf->conf_file->file.name.data;
    use->line = cf->conf_file->line;

    if (n == 4) {
        use->text = value[3];
    }

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_outrider_module);

    slot = ngx_array_push(&omcf->uses);
    if (slot == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = use;

    return NGX_CONF_OK;

both:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "a block names filters or turns them off, not both: "
                       "what it names stands in the place of all around it");
    return NGX_CONF_ERROR;
}


/*
 * Whatever other modules are there, ours is the first handler of the rewrite
 * phase: "return" and "rewrite" of a location come after its filters.
 */

static ngx_int_t
ngx_http_outrider_init_module(ngx_cycle_t *cycle)
{
    ngx_uint_t                  i;
    ngx_http_conf_ctx_t        *ctx;
    ngx_http_phase_handler_t   *ph;
    ngx_http_core_main_conf_t  *cmcf;

    ctx = (ngx_http_conf_ctx_t *) ngx_get_conf(cycle->conf_ctx,
                                               ngx_http_module);
    if (ctx == NULL) {
        return NGX_OK;
    }

    cmcf = ctx->main_conf[ngx_http_core_module.ctx_index];
    ph = cmcf->phase_engine.handlers + cmcf->phase_engine.location_rewrite_index;

    for (i = 0; ph[i].checker == ngx_http_core_rewrite_phase; i++) {
        if (ph[i].handler == ngx_http_outrider_rewrite_handler) {

            for ( /* void */ ; i > 0; i--) {
                ph[i].handler = ph[i - 1].handler;
            }

            ph[0].handler = ngx_http_outrider_rewrite_handler;
            break;
        }
    }

    return NGX_OK;
}


/*
 * Never an error: nginx would not start this worker again, and one library
 * that cannot be loaded would end all locations.
 */

static ngx_int_t
ngx_http_outrider_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                       i;
    ngx_http_outrider_use_t        **use;
    ngx_http_outrider_main_conf_t   *omcf;

    omcf = ngx_http_outrider_cycle_conf(cycle);

    if (omcf == NULL || omcf->libraries.nelts == 0
        || (ngx_process != NGX_PROCESS_WORKER
            && ngx_process != NGX_PROCESS_SINGLE))
    {
        return NGX_OK;
    }

    ngx_http_outrider_stay();
    ngx_http_outrider_own_thread();
    ngx_http_outrider_metrics_open(omcf);
    ngx_http_outrider_set_environment(omcf, cycle->log);

    if (ngx_http_outrider_scheduler_init(cycle) != NGX_OK) {
        return NGX_OK;
    }

    ngx_http_outrider_keep_signals(cycle->log);

    use = omcf->uses.elts;

    for (i = 0; i < omcf->uses.nelts; i++) {
        (void) ngx_http_outrider_ready(use[i], cycle->log);
    }

    return NGX_OK;
}


static void
ngx_http_outrider_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                       i;
    ngx_http_outrider_use_t        **use;
    ngx_http_outrider_main_conf_t   *omcf;

    omcf = ngx_http_outrider_cycle_conf(cycle);

    if (omcf == NULL || omcf->libraries.nelts == 0) {
        return;
    }

    ngx_http_outrider_scheduler_done();

    use = omcf->uses.elts;

    for (i = 0; i < omcf->uses.nelts; i++) {
        ngx_http_outrider_unconfigure(use[i]);
    }
}
