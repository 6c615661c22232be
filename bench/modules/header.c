/* The same filter as HeaderFilter.cs, in C: what any module costs at least. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct { const char *data; size_t length; } text;

extern bool envoy_dynamic_module_callback_http_set_header(void *filter, int map, text name, text value);

#define HOOK(name) envoy_dynamic_module_on_http_filter_##name
#define TEXT(s) ((text){ s, sizeof s - 1 })
static int one;

const char *envoy_dynamic_module_on_program_init(void) { return "v0.2.0"; }
void *HOOK(config_new)(void *envoy, text name, text config) { return &one; }
void HOOK(config_destroy)(void *config) {}
void *HOOK(per_route_config_new)(text name, text config) { return &one; }
void HOOK(per_route_config_destroy)(void *config) {}
void *HOOK(new)(void *config, void *envoy) { return &one; }
void HOOK(destroy)(void *filter) {}
int HOOK(request_headers)(void *envoy, void *filter, bool end) {
    envoy_dynamic_module_callback_http_set_header(envoy, 0, TEXT("x-request-side"), TEXT("outrider"));
    return 0;
}
int HOOK(response_headers)(void *envoy, void *filter, bool end) {
    envoy_dynamic_module_callback_http_set_header(envoy, 2, TEXT("x-response-side"), TEXT("outrider"));
    return 0;
}
int HOOK(request_body)(void *envoy, void *filter, bool end) { return 0; }
int HOOK(request_trailers)(void *envoy, void *filter) { return 0; }
int HOOK(response_body)(void *envoy, void *filter, bool end) { return 0; }
int HOOK(response_trailers)(void *envoy, void *filter) { return 0; }
void HOOK(stream_complete)(void *envoy, void *filter) {}
void HOOK(scheduled)(void *envoy, void *filter, uint64_t event) {}
void HOOK(config_scheduled)(void *envoy, void *config, uint64_t event) {}
int HOOK(local_reply)(void *envoy, void *filter, uint32_t status, text details, bool reset) { return 0; }
void HOOK(downstream_above_write_buffer_high_watermark)(void *envoy, void *filter) {}
void HOOK(downstream_below_write_buffer_low_watermark)(void *envoy, void *filter) {}
/* No callouts are made here; Envoy 1.40 wants the hooks all the same. */
void HOOK(http_callout_done)(void) {}
void HOOK(http_stream_headers)(void) {}
void HOOK(http_stream_data)(void) {}
void HOOK(http_stream_trailers)(void) {}
void HOOK(http_stream_complete)(void) {}
void HOOK(http_stream_reset)(void) {}
void HOOK(config_http_callout_done)(void) {}
void HOOK(config_http_stream_headers)(void) {}
void HOOK(config_http_stream_data)(void) {}
void HOOK(config_http_stream_trailers)(void) {}
void HOOK(config_http_stream_complete)(void) {}
void HOOK(config_http_stream_reset)(void) {}
