
/*
 * A signal for nginx that arrives on a thread of a library's would set nginx's
 * flag without waking the event loop.  Such a signal is sent on to the worker's
 * own thread; and a library that installs handlers of its own for nginx's
 * signals while it starts gets them taken away again.
 */


#include "ngx_http_outrider.h"
#include <pthread.h>


static int  ngx_http_outrider_signals[] = {
    SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGTERM, SIGQUIT, SIGINT, SIGALRM,
    SIGIO, SIGCHLD, SIGPIPE
};

#define NGX_HTTP_OUTRIDER_SIGNALS                                             \
    (sizeof(ngx_http_outrider_signals) / sizeof(int))

static struct sigaction  ngx_http_outrider_nginx[NGX_HTTP_OUTRIDER_SIGNALS];
static struct sigaction  ngx_http_outrider_saved[NGX_HTTP_OUTRIDER_SIGNALS];
static pthread_t         ngx_http_outrider_main_thread;


static void
ngx_http_outrider_signal_handler(int signo, siginfo_t *info, void *context)
{
    int         err;
    ngx_uint_t  i;

    err = ngx_errno;

    if (!pthread_equal(pthread_self(), ngx_http_outrider_main_thread)) {
        (void) pthread_kill(ngx_http_outrider_main_thread, signo);
        ngx_set_errno(err);
        return;
    }

    for (i = 0; i < NGX_HTTP_OUTRIDER_SIGNALS; i++) {
        if (ngx_http_outrider_signals[i] == signo) {
            if (ngx_http_outrider_nginx[i].sa_flags & SA_SIGINFO) {
                ngx_http_outrider_nginx[i].sa_sigaction(signo, info, context);

            } else {
                ngx_http_outrider_nginx[i].sa_handler(signo);
            }

            break;
        }
    }

    ngx_set_errno(err);
}


void
ngx_http_outrider_keep_signals(ngx_log_t *log)
{
    ngx_uint_t         i;
    struct sigaction   sa;

    ngx_http_outrider_main_thread = pthread_self();

    for (i = 0; i < NGX_HTTP_OUTRIDER_SIGNALS; i++) {

        if (sigaction(ngx_http_outrider_signals[i], NULL, &sa) == -1
            || sa.sa_handler == SIG_DFL || sa.sa_handler == SIG_IGN
            || sa.sa_sigaction == ngx_http_outrider_signal_handler)
        {
            continue;
        }

        ngx_http_outrider_nginx[i] = sa;

        sa.sa_sigaction = ngx_http_outrider_signal_handler;
        sa.sa_flags |= SA_SIGINFO|SA_ONSTACK;

        if (sigaction(ngx_http_outrider_signals[i], &sa, NULL) == -1) {
            ngx_log_error(NGX_LOG_ALERT, log, ngx_errno, "sigaction() failed");
        }
    }
}


void
ngx_http_outrider_save_signals(void)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_OUTRIDER_SIGNALS; i++) {
        (void) sigaction(ngx_http_outrider_signals[i], NULL,
                         &ngx_http_outrider_saved[i]);
    }
}


void
ngx_http_outrider_restore_signals(void)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_OUTRIDER_SIGNALS; i++) {
        (void) sigaction(ngx_http_outrider_signals[i],
                         &ngx_http_outrider_saved[i], NULL);
    }
}
