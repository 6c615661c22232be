
/*
 * What filters say of a request as variables of nginx's, for proxy_pass, maps
 * and logs.
 */


#include "ngx_http_outrider.h"


typedef struct {
    ngx_str_t  ns;       /* none: filter state */
    ngx_str_t  key;
} ngx_http_outrider_source_t;


static ngx_int_t
ngx_http_outrider_get_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_outrider_source_t  *source = (ngx_http_outrider_source_t *) data;

    ngx_int_t                 rc;
    ngx_str_t                 text;
    ngx_http_outrider_ctx_t  *ctx;

    ctx = ngx_http_outrider_get_ctx(r->main);

    rc = ctx == NULL ? NGX_DECLINED
         : source->ns.data
           ? ngx_http_outrider_metadata_text(ctx, &source->ns, &source->key,
                                             &text)
           : ngx_http_outrider_state_text(ctx, &source->key, &text);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = text.data;
    v->len = text.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_outrider_own_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                *text;
    ngx_http_outrider_ctx_t  *ctx;

    ctx = ngx_http_outrider_get_ctx(r->main);
    text = ctx ? (ngx_str_t *) ((char *) ctx + data) : NULL;

    if (text == NULL || text->len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = text->data;
    v->len = text->len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_http_variable_t  ngx_http_outrider_variables[] = {

    { ngx_string("outrider_details"), NULL, ngx_http_outrider_own_variable,
      offsetof(ngx_http_outrider_ctx_t, details),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("outrider_flags"), NULL, ngx_http_outrider_own_variable,
      offsetof(ngx_http_outrider_ctx_t, flags),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_outrider_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_outrider_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


/* outrider_variable $name NAMESPACE KEY; or, of filter state, $name KEY; */

char *
ngx_http_outrider_variable(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                   *value;
    ngx_http_variable_t         *v;
    ngx_http_outrider_source_t  *source;

    value = cf->args->elts;

    if (value[1].data[0] != '$') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid variable name \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    value[1].data++;
    value[1].len--;

    source = ngx_pcalloc(cf->pool, sizeof(ngx_http_outrider_source_t));
    v = ngx_http_add_variable(cf, &value[1], NGX_HTTP_VAR_NOCACHEABLE);
    if (source == NULL || v == NULL) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 4) {
        source->ns = value[2];
        source->key = value[3];

    } else {
        source->key = value[2];
    }

    v->get_handler = ngx_http_outrider_get_variable;
    v->data = (uintptr_t) source;

    return NGX_CONF_OK;
}
