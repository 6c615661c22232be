
/*
 * The environment as a library's runtime sees it.  nginx clears its own, and
 * gives its workers a new array of what "env" names.  C and .NET look there; Go
 * looks where the kernel put the first one, behind the program's arguments.
 */


#include "ngx_http_outrider.h"


/*
 * The kernel's array has as many places as nginx was started with, and no more;
 * nor fewer, for behind its end lies the auxiliary vector, where Go finds the
 * size of a page: places that are left over hold an empty text, which names
 * nothing.
 */

static void
ngx_http_outrider_show_environment(ngx_log_t *log)
{
    char        **env, **first;
    ngx_uint_t    i, n;

    first = ngx_os_argv + ngx_argc + 1;
    env = environ;

    if (env == NULL || first == env) {
        return;
    }

    for (n = 0; first[n]; n++) { /* void */ }

    for (i = 0; env[i] && i < n; i++) {
        first[i] = env[i];
    }

    if (env[i]) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "outrider: modules in Go do not see \"%s\" and what "
                      "follows it in the environment: nginx was started with "
                      "%ui variables, and more have no place", env[i], n);
    }

    for ( /* void */ ; i < n; i++) {
        first[i] = (char *) "";
    }
}


void
ngx_http_outrider_set_environment(ngx_http_outrider_main_conf_t *omcf,
    ngx_log_t *log)
{
    if (omcf->dotnet_root.len) {
        (void) setenv("DOTNET_ROOT", (char *) omcf->dotnet_root.data, 1);
    }

    ngx_http_outrider_show_environment(log);
}
