
/*
 * Whether all modules load and take their configurations: found out in a child
 * process that is the workers' user, since a runtime does not live through
 * fork() and so must not begin in the master.  Runs at "nginx -t", at the start
 * and at each reload, when the whole configuration has been read.
 */


#include "ngx_http_outrider.h"
#include <grp.h>
#include <poll.h>


/* what a module may take to start, in milliseconds: .NET wants some 50 */
#define NGX_OUTRIDER_CHECK_TIME  60000


extern u_char  ngx_http_outrider_problem[];


static char *ngx_outrider_check(ngx_cycle_t *cycle, void *conf);


static ngx_core_module_t  ngx_outrider_check_module_ctx = {
    ngx_string("outrider_check"),
    NULL,
    ngx_outrider_check
};


ngx_module_t  ngx_outrider_check_module = {
    NGX_MODULE_V1,
    &ngx_outrider_check_module_ctx,        /* module context */
    NULL,                                  /* module directives */
    NGX_CORE_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_outrider_become_worker(ngx_cycle_t *cycle)
{
    int               signo;
    sigset_t          set;
    ngx_core_conf_t  *ccf;

    static int  signals[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGTERM,
                              SIGQUIT, SIGINT, SIGALRM, SIGIO, SIGCHLD,
                              SIGSYS, 0 };

    for (signo = 0; signals[signo]; signo++) {
        (void) signal(signals[signo], SIG_DFL);
    }

    sigemptyset(&set);
    (void) sigprocmask(SIG_SETMASK, &set, NULL);

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    if (geteuid() != 0) {
        return NGX_OK;
    }

    if (setgid(ccf->group) == -1
        || initgroups(ccf->username, ccf->group) == -1
        || setuid(ccf->user) == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_outrider_check_child(ngx_cycle_t *cycle,
    ngx_http_outrider_main_conf_t *omcf, int fd)
{
    u_char                         line[NGX_MAX_ERROR_STR + 1024], *p;
    ngx_uint_t                     i, failed;
    ngx_http_outrider_use_t      **use;
    ngx_http_outrider_library_t  **library;

#define ngx_outrider_check_say(where)                                         \
    p = ngx_snprintf(line, sizeof(line), "%s in %s:%ui\n",                    \
                     ngx_http_outrider_problem, (where)->file,                \
                     (where)->line);                                          \
    (void) !write(fd, line, p - line);                                        \
    failed = 1

    failed = 0;

    if (ngx_outrider_become_worker(cycle) != NGX_OK
        || ngx_set_environment(cycle, NULL) == NULL)
    {
        p = ngx_snprintf(line, sizeof(line),
                         "modules cannot be checked as the workers' user\n");
        (void) !write(fd, line, p - line);
        _exit(1);
    }

    ngx_http_outrider_set_validating();
    ngx_http_outrider_own_thread();
    ngx_http_outrider_set_environment(omcf, cycle->log);

    library = omcf->libraries.elts;

    for (i = 0; i < omcf->libraries.nelts; i++) {
        if (ngx_http_outrider_load(library[i], cycle->log) != NGX_OK) {
            ngx_outrider_check_say(library[i]);
        }
    }

    use = omcf->uses.elts;

    for (i = 0; i < omcf->uses.nelts; i++) {
        if (use[i]->library->handle
            && (use[i]->outer == NULL || use[i]->outer->library->handle)
            && ngx_http_outrider_configure(use[i], cycle->log) != NGX_OK)
        {
            ngx_outrider_check_say(use[i]);
        }
    }

    (void) !write(fd, "\0", 1);

    /* no exit handlers, neither nginx's nor those of the modules */
    _exit(failed);

#undef ngx_outrider_check_say
}


static char *
ngx_outrider_check(ngx_cycle_t *cycle, void *conf)
{
    int                             fd[2], status, left;
    u_char                         *text, *p, *last, *nl;
    pid_t                           pid;
    ssize_t                         n;
    ngx_uint_t                      whole;
    struct pollfd                   pfd;
    ngx_http_outrider_main_conf_t  *omcf;

    if (ngx_process == NGX_PROCESS_SIGNALLER) {
        return NGX_CONF_OK;
    }

    omcf = ngx_http_outrider_cycle_conf(cycle);

    if (omcf == NULL || omcf->libraries.nelts == 0) {
        return NGX_CONF_OK;
    }

    if (pipe(fd) == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno, "pipe() failed");
        return NGX_CONF_ERROR;
    }

    pid = fork();

    if (pid == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno, "fork() failed");
        (void) close(fd[0]);
        (void) close(fd[1]);
        return NGX_CONF_ERROR;
    }

    if (pid == 0) {
        (void) close(fd[0]);
        ngx_outrider_check_child(cycle, omcf, fd[1]);
    }

    (void) close(fd[1]);

    text = ngx_pnalloc(cycle->pool, 65536);
    if (text == NULL) {
        left = 0;
        last = NULL;
        goto wait;
    }

    p = text;
    last = text + 65536 - 1;
    pfd.fd = fd[0];
    pfd.events = POLLIN;

    for (left = NGX_OUTRIDER_CHECK_TIME; left > 0 && p < last; /* void */) {

        switch (poll(&pfd, 1, 100)) {

        case -1:
            if (ngx_errno == NGX_EINTR) {
                continue;
            }

            left = 0;
            break;

        case 0:
            left -= 100;
            continue;

        default:
            break;
        }

        n = read(fd[0], p, last - p);

        if (n <= 0) {
            break;
        }

        p += n;

        if (p[-1] == '\0') {
            break;
        }
    }

    last = p;

wait:

    (void) close(fd[0]);

    if (left <= 0) {
        (void) kill(pid, SIGKILL);
    }

    status = 0;

    while (waitpid(pid, &status, 0) == -1 && ngx_errno == NGX_EINTR) {
        /* void */
    }

    if (text == NULL) {
        return NGX_CONF_ERROR;
    }

    whole = (last > text && last[-1] == '\0');

    for (p = text; p < last && *p; p = nl + 1) {
        nl = ngx_strlchr(p, last, '\n');

        if (nl == NULL) {
            break;
        }

        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "%*s",
                      (size_t) (nl - p), p);
    }

    if (!whole) {

        if (left <= 0) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "outrider: the modules did not start within %d s",
                          NGX_OUTRIDER_CHECK_TIME / 1000);

        } else if (p == text) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "outrider: a module ended the process that tried it "
                          "(%s %d)", WIFSIGNALED(status) ? "signal" : "exit code",
                          WIFSIGNALED(status) ? WTERMSIG(status)
                                              : WEXITSTATUS(status));
        }

        return NGX_CONF_ERROR;
    }

    return last - 1 == text ? NGX_CONF_OK : NGX_CONF_ERROR;
}
