
/*
 * The outrider_metrics location: all metrics of modules in Prometheus' text
 * format, summed over the workers.
 */


#include "ngx_http_outrider_metrics.h"


typedef struct {
    ngx_http_request_t  *request;
    ngx_chain_t         *first;
    ngx_chain_t        **last;
    ngx_buf_t           *buf;
    off_t                size;
    ngx_uint_t           failed;
} ngx_http_outrider_page_t;


static void
ngx_http_outrider_write(ngx_http_outrider_page_t *page, u_char *data, size_t len)
{
    size_t        n;
    ngx_chain_t  *cl;

    while (len && !page->failed) {

        if (page->buf == NULL || page->buf->last == page->buf->end) {

            cl = ngx_alloc_chain_link(page->request->pool);
            page->buf = cl ? ngx_create_temp_buf(page->request->pool, 16384)
                           : NULL;
            if (page->buf == NULL) {
                page->failed = 1;
                return;
            }

            cl->buf = page->buf;
            cl->next = NULL;
            *page->last = cl;
            page->last = &cl->next;
        }

        n = ngx_min(len, (size_t) (page->buf->end - page->buf->last));

        page->buf->last = ngx_cpymem(page->buf->last, data, n);
        page->size += n;
        data += n;
        len -= n;
    }
}


static void ngx_cdecl
ngx_http_outrider_print(ngx_http_outrider_page_t *page, const char *fmt, ...)
{
    u_char   text[512], *p;
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text), fmt, args);
    va_end(args);

    ngx_http_outrider_write(page, text, p - text);
}


/* The names of Prometheus' text format: [a-zA-Z_:][a-zA-Z0-9_:]*; the prefix begins one. */

static void
ngx_http_outrider_print_name(ngx_http_outrider_page_t *page, u_char *name)
{
    u_char  ch;

    for ( /* void */ ; *name; name++) {
        ch = *name;

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
              || (ch >= '0' && ch <= '9') || ch == ':'))
        {
            ch = '_';
        }

        ngx_http_outrider_write(page, &ch, 1);
    }
}


static void
ngx_http_outrider_print_labels(ngx_http_outrider_page_t *page,
    ngx_http_outrider_family_t *family, ngx_http_outrider_series_t *s,
    const char *le)
{
    u_char      *name, *value, *p;
    ngx_uint_t   i;

    if (family->nlabels == 0 && le == NULL) {
        return;
    }

    ngx_http_outrider_print(page, "{");

    name = family->names + ngx_strlen(family->names) + 1;
    value = s->labels;

    for (i = 0; i < family->nlabels; i++) {

        if (i) {
            ngx_http_outrider_print(page, ",");
        }

        if (*name >= '0' && *name <= '9') {
            ngx_http_outrider_print(page, "_");
        }

        ngx_http_outrider_print_name(page, name);
        ngx_http_outrider_print(page, "=\"");

        for (p = value; *p; p++) {
            switch (*p) {

            case '\\':
                ngx_http_outrider_print(page, "\\\\");
                break;

            case '"':
                ngx_http_outrider_print(page, "\\\"");
                break;

            case '\n':
                ngx_http_outrider_print(page, "\\n");
                break;

            default:
                ngx_http_outrider_write(page, p, 1);
                break;
            }
        }

        ngx_http_outrider_print(page, "\"");

        name += ngx_strlen(name) + 1;
        value += ngx_strlen(value) + 1;
    }

    if (le) {
        ngx_http_outrider_print(page, "%sle=\"%s\"",
                                family->nlabels ? "," : "", le);
    }

    ngx_http_outrider_print(page, "}");
}


static int64_t
ngx_http_outrider_sum(ngx_http_outrider_series_t *s)
{
    int64_t     sum;
    ngx_uint_t  i;

    sum = 0;

    for (i = 0; i < NGX_HTTP_OUTRIDER_CELLS; i++) {
        sum += (int64_t) s->value[i];
    }

    return sum;
}


static void
ngx_http_outrider_print_histogram(ngx_http_outrider_page_t *page,
    ngx_http_outrider_family_t *family, ngx_http_outrider_series_t *s)
{
    u_char      le[32], *p;
    uint64_t    below;
    ngx_uint_t  bits, last;

    below = 0;

    for (last = NGX_HTTP_OUTRIDER_BUCKETS - 1; last && !s->counts[last]; last--)
    {
        /* void */
    }

    for (bits = 0; bits <= last && bits < 64; bits++) {
        below += s->counts[bits];

        p = ngx_sprintf(le, "%uL", bits ? (((uint64_t) 1 << bits) - 1)
                                        : (uint64_t) 0);
        *p = '\0';

        ngx_http_outrider_print(page, "outrider_module_");
        ngx_http_outrider_print_name(page, family->names);
        ngx_http_outrider_print(page, "_bucket");
        ngx_http_outrider_print_labels(page, family, s, (char *) le);
        ngx_http_outrider_print(page, " %uL\n", below);
    }

    below += s->counts[64];

    ngx_http_outrider_print(page, "outrider_module_");
    ngx_http_outrider_print_name(page, family->names);
    ngx_http_outrider_print(page, "_bucket");
    ngx_http_outrider_print_labels(page, family, s, "+Inf");
    ngx_http_outrider_print(page, " %uL\noutrider_module_", below);
    ngx_http_outrider_print_name(page, family->names);
    ngx_http_outrider_print(page, "_sum");
    ngx_http_outrider_print_labels(page, family, s, NULL);
    ngx_http_outrider_print(page, " %L\noutrider_module_",
                            ngx_http_outrider_sum(s));
    ngx_http_outrider_print_name(page, family->names);
    ngx_http_outrider_print(page, "_count");
    ngx_http_outrider_print_labels(page, family, s, NULL);
    ngx_http_outrider_print(page, " %uL\n", below);
}


static ngx_int_t
ngx_http_outrider_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_outrider_page_t       page;
    ngx_http_outrider_series_t    *s;
    ngx_http_outrider_family_t    *family;

    static const char  *kinds[] = { "counter", "gauge", "histogram" };

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memzero(&page, sizeof(ngx_http_outrider_page_t));

    page.request = r;
    page.last = &page.first;

    for (family = ngx_http_outrider_shared ? ngx_http_outrider_shared->families
                                           : NULL;
         family;
         family = family->next)
    {
        ngx_http_outrider_print(&page, "# HELP outrider_module_");
        ngx_http_outrider_print_name(&page, family->names);
        ngx_http_outrider_print(&page, "%s Defined by a module.\n"
                                "# TYPE outrider_module_",
                                family->kind == NGX_HTTP_OUTRIDER_COUNTER
                                ? "_total" : "");
        ngx_http_outrider_print_name(&page, family->names);
        ngx_http_outrider_print(&page, "%s %s\n",
                                family->kind == NGX_HTTP_OUTRIDER_COUNTER
                                ? "_total" : "", kinds[family->kind]);

        for (s = family->series; s; s = s->next) {

            if (family->kind == NGX_HTTP_OUTRIDER_HISTOGRAM) {
                ngx_http_outrider_print_histogram(&page, family, s);
                continue;
            }

            ngx_http_outrider_print(&page, "outrider_module_");
            ngx_http_outrider_print_name(&page, family->names);

            if (family->kind == NGX_HTTP_OUTRIDER_COUNTER) {
                ngx_http_outrider_print(&page, "_total");
            }

            ngx_http_outrider_print_labels(&page, family, s, NULL);
            ngx_http_outrider_print(&page, " %L\n", ngx_http_outrider_sum(s));
        }
    }

    if (page.size == 0) {
        ngx_http_outrider_print(&page, "\n");
    }

    if (page.failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    page.buf->last_buf = 1;
    page.buf->last_in_chain = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = page.size;
    ngx_str_set(&r->headers_out.content_type, "text/plain; version=0.0.4");
    r->headers_out.content_type_len = sizeof("text/plain") - 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, page.first);
}


char *
ngx_http_outrider_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_outrider_metrics_handler;

    return NGX_CONF_OK;
}
