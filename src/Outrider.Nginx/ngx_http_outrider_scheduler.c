
/*
 * Wake-ups from other threads.  A library holds a scheduler as long as it
 * likes; what it commits comes to the worker's own thread through an eventfd,
 * to a request that still lives, and is dropped where that has ended.
 */


#include "ngx_http_outrider.h"
#include <pthread.h>
#include <sys/eventfd.h>


typedef struct ngx_http_outrider_wake_s  ngx_http_outrider_wake_t;

struct ngx_http_outrider_wake_s {
    void                      *host;      /* of a filter, by its number */
    ngx_http_outrider_use_t   *use;       /* or of a configuration */
    uint64_t                   event;
    ngx_http_outrider_wake_t  *next;
};


typedef struct {
    void                      *host;
    ngx_http_outrider_use_t   *use;
} ngx_http_outrider_scheduler_t;


static pthread_mutex_t             ngx_http_outrider_wake_lock
                                       = PTHREAD_MUTEX_INITIALIZER;
static ngx_http_outrider_wake_t   *ngx_http_outrider_wakes;
static ngx_http_outrider_wake_t  **ngx_http_outrider_last_wake
                                       = &ngx_http_outrider_wakes;
static int                         ngx_http_outrider_wake_fd = -1;
static ngx_connection_t           *ngx_http_outrider_wake_connection;


static void
ngx_http_outrider_wake_handler(ngx_event_t *ev)
{
    void                        *outer;
    uint64_t                     n;
    ngx_outrider_hooks_t        *h;
    ngx_http_outrider_use_t     *use;
    ngx_http_outrider_wake_t    *wake, *next;
    ngx_http_outrider_filter_t  *f;

    (void) !read(ngx_http_outrider_wake_fd, &n, sizeof(uint64_t));

    (void) pthread_mutex_lock(&ngx_http_outrider_wake_lock);

    wake = ngx_http_outrider_wakes;
    ngx_http_outrider_wakes = NULL;
    ngx_http_outrider_last_wake = &ngx_http_outrider_wakes;

    (void) pthread_mutex_unlock(&ngx_http_outrider_wake_lock);

    for ( /* void */ ; wake; wake = next) {

        next = wake->next;

        if (wake->use) {
            use = wake->use;
            h = &use->library->hooks;

            if (use->ready && h->config_scheduled) {
                h->config_scheduled(use, use->config, wake->event);
            }

        } else {
            f = ngx_http_outrider_alive(wake->host);

            if (f && !f->ctx->closed && f->use->library->hooks.scheduled) {
                outer = ngx_http_outrider_enter(f);
                f->use->library->hooks.scheduled(f->host, f->module,
                                                 wake->event);
                ngx_http_outrider_leave(f, outer);
            }
        }

        free(wake);
    }
}


ngx_int_t
ngx_http_outrider_scheduler_init(ngx_cycle_t *cycle)
{
    ngx_connection_t  *c;

    ngx_http_outrider_wake_fd = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

    if (ngx_http_outrider_wake_fd == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "outrider: eventfd() failed");
        return NGX_ERROR;
    }

    c = ngx_get_connection(ngx_http_outrider_wake_fd, cycle->log);
    if (c == NULL) {
        (void) close(ngx_http_outrider_wake_fd);
        ngx_http_outrider_wake_fd = -1;
        return NGX_ERROR;
    }

    c->log = cycle->log;
    c->read->log = cycle->log;
    c->write->log = cycle->log;
    c->read->handler = ngx_http_outrider_wake_handler;

    /* nginx's worker does not wait for this one when it ends */
    c->read->channel = 1;
    c->write->channel = 1;

    if (ngx_add_event(c->read, NGX_READ_EVENT, 0) == NGX_ERROR) {
        ngx_free_connection(c);
        (void) close(ngx_http_outrider_wake_fd);
        ngx_http_outrider_wake_fd = -1;
        return NGX_ERROR;
    }

    ngx_http_outrider_wake_connection = c;

    return NGX_OK;
}


void
ngx_http_outrider_scheduler_done(void)
{
    int                        fd;
    ngx_http_outrider_wake_t  *wake, *next;

    (void) pthread_mutex_lock(&ngx_http_outrider_wake_lock);

    fd = ngx_http_outrider_wake_fd;
    ngx_http_outrider_wake_fd = -1;

    wake = ngx_http_outrider_wakes;
    ngx_http_outrider_wakes = NULL;
    ngx_http_outrider_last_wake = &ngx_http_outrider_wakes;

    (void) pthread_mutex_unlock(&ngx_http_outrider_wake_lock);

    for ( /* void */ ; wake; wake = next) {
        next = wake->next;
        free(wake);
    }

    if (fd != -1) {
        ngx_free_connection(ngx_http_outrider_wake_connection);
        (void) close(fd);
    }
}


static void
ngx_http_outrider_wake(void *host, ngx_http_outrider_use_t *use, uint64_t event)
{
    uint64_t                   one;
    ngx_uint_t                 first;
    ngx_http_outrider_wake_t  *wake;

    wake = malloc(sizeof(ngx_http_outrider_wake_t));
    if (wake == NULL) {
        return;
    }

    wake->host = host;
    wake->use = use;
    wake->event = event;
    wake->next = NULL;

    (void) pthread_mutex_lock(&ngx_http_outrider_wake_lock);

    if (ngx_http_outrider_wake_fd == -1) {
        (void) pthread_mutex_unlock(&ngx_http_outrider_wake_lock);
        free(wake);
        return;
    }

    first = (ngx_http_outrider_wakes == NULL);

    *ngx_http_outrider_last_wake = wake;
    ngx_http_outrider_last_wake = &wake->next;

    if (first) {
        one = 1;
        (void) !write(ngx_http_outrider_wake_fd, &one, sizeof(uint64_t));
    }

    (void) pthread_mutex_unlock(&ngx_http_outrider_wake_lock);
}


void *
NGX_OUTRIDER_CALLBACK(http_filter_scheduler_new)(void *host)
{
    ngx_http_outrider_scheduler_t  *scheduler;

    /*
     * From any thread: whether the request still lives is asked by the worker
     * when it is woken
     */

    scheduler = calloc(1, sizeof(ngx_http_outrider_scheduler_t));

    if (scheduler) {
        scheduler->host = host;
    }

    return scheduler;
}


void
NGX_OUTRIDER_CALLBACK(http_filter_scheduler_commit)(void *data, uint64_t event)
{
    ngx_http_outrider_scheduler_t *scheduler = data;

    if (scheduler) {
        ngx_http_outrider_wake(scheduler->host, NULL, event);
    }
}


void
NGX_OUTRIDER_CALLBACK(http_filter_scheduler_delete)(void *data)
{
    free(data);
}


void *
NGX_OUTRIDER_CALLBACK(http_filter_config_scheduler_new)(void *config)
{
    ngx_http_outrider_scheduler_t  *scheduler;

    scheduler = calloc(1, sizeof(ngx_http_outrider_scheduler_t));

    if (scheduler) {
        scheduler->use = config;
    }

    return scheduler;
}


void
NGX_OUTRIDER_CALLBACK(http_filter_config_scheduler_commit)(void *data,
    uint64_t event)
{
    ngx_http_outrider_scheduler_t *scheduler = data;

    if (scheduler && scheduler->use) {
        ngx_http_outrider_wake(NULL, scheduler->use, event);
    }
}


void
NGX_OUTRIDER_CALLBACK(http_filter_config_scheduler_delete)(void *data)
{
    free(data);
}
