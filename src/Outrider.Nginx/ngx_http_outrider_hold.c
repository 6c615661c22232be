
/*
 * A worker that is to end stays as long as there is a timer that is not
 * "cancelable".  A request that waits for a filter may have none, so the
 * requests with filters have one together.
 */


#include "ngx_http_outrider.h"


/* of no meaning but that it is long: the timer is set again as long as it is needed */
#define NGX_HTTP_OUTRIDER_HOLD  60000


static ngx_uint_t        ngx_http_outrider_held;
static ngx_event_t       ngx_http_outrider_hold_event;
static ngx_connection_t  ngx_http_outrider_hold_connection;


static void
ngx_http_outrider_hold_handler(ngx_event_t *ev)
{
    if (ngx_http_outrider_held) {
        ngx_add_timer(ev, NGX_HTTP_OUTRIDER_HOLD);
    }
}


void
ngx_http_outrider_hold_worker(void)
{
    ngx_event_t  *ev;

    if (ngx_http_outrider_held++) {
        return;
    }

    ev = &ngx_http_outrider_hold_event;
    ev->cancelable = 0;

    if (!ev->timer_set) {

        /* nginx's debug log names the connection of a timer */
        ngx_http_outrider_hold_connection.fd = (ngx_socket_t) -1;

        ev->data = &ngx_http_outrider_hold_connection;
        ev->log = ngx_cycle->log;
        ev->handler = ngx_http_outrider_hold_handler;

        ngx_add_timer(ev, NGX_HTTP_OUTRIDER_HOLD);
    }
}


void
ngx_http_outrider_let_worker_go(void)
{
    if (--ngx_http_outrider_held == 0) {
        ngx_http_outrider_hold_event.cancelable = 1;
    }
}
