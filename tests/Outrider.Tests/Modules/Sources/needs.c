// Says what it needs to be called for, which is its configuration: a number. Its hooks say where they ran: "h" in the header x-ran, "b" before
// each piece of the body.
#include "envoy.h"

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return strndup(bytes.data, bytes.length); }
void FILTER_HOOK(config_destroy)(void *module) { free(module); }
uint32_t outrider_module_on_http_filter_config_needs(void *module) { return (uint32_t)atoi(module); }
void *FILTER_HOOK(new)(void *module, void *stream) { return (void *)1; }
uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) { return HEADERS_CONTINUE; }

uint32_t FILTER_HOOK(response_headers)(void *stream, void *module, bool end) {
  CALLBACK(http_set_header)(stream, RESPONSE_HEADERS, text("x-ran"), text("h"));
  CALLBACK(http_set_header)(stream, RESPONSE_HEADERS, text("content-length"), (buffer){NULL, 0});
  return HEADERS_CONTINUE;
}

uint32_t FILTER_HOOK(response_body)(void *stream, void *module, bool end) {
  CALLBACK(http_append_body)(stream, RECEIVED_RESPONSE, text("b"));
  return 0;
}
