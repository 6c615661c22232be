// Asks for what a base may not have: the filter's name says what.
#include "envoy.h"

bool CALLBACK(http_set_upstream_override_host)(void *stream, buffer address, bool strict);
bool CALLBACK(http_filter_recreate_stream)(void *stream);
void *CALLBACK(http_get_active_span)(void *stream);
bool CALLBACK(http_filter_get_generic_secret)(void *stream, size_t id, buffer *secret);
uint64_t CALLBACK(get_runtime_int)(buffer key, uint64_t otherwise);
bool CALLBACK(http_set_socket_option_int)(void *stream, int64_t level, int64_t name, int state, int direction, int64_t value);
bool CALLBACK(http_set_filter_state_value)(void *stream, buffer key, buffer value, uint32_t life, uint32_t sharing);
uint64_t CALLBACK(http_get_upstream_connection_id)(void *stream);
uint32_t CALLBACK(http_filter_config_http_callout)(void *config, uint64_t *id, buffer cluster, header *headers, size_t n, buffer body, uint64_t timeout);
uint32_t CALLBACK(http_filter_start_http_stream)(void *stream, uint64_t *id, buffer cluster, header *headers, size_t n, buffer body, bool end, uint64_t timeout);
bool CALLBACK(http_stream_send_data)(void *stream, uint64_t id, buffer data, bool end);
bool CALLBACK(http_stream_send_trailers)(void *stream, uint64_t id, header *trailers, size_t n);

typedef struct { void *host; char name[64]; } config;

const char *HOOK(program_init)(void) { return "v0.2.0"; }

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) {
  config *c = calloc(1, sizeof *c);
  memcpy(c->name, name.data, name.length < 63 ? name.length : 63);
  c->host = host;
  uint64_t id;
  if (!strcmp(c->name, "config-callout")) CALLBACK(http_filter_config_http_callout)(host, &id, text("up"), NULL, 0, text(""), 1000);
  return c;
}

void FILTER_HOOK(config_destroy)(void *module) { free(module); }
void *FILTER_HOOK(new)(void *module, void *stream) { return module; }

static uint64_t callout(void *stream) {
  uint64_t id = 0;
  header headers[] = { { ":method", 7, "POST", 4 }, { ":path", 5, "/", 1 }, { "host", 4, "a", 1 } };
  CALLBACK(http_filter_start_http_stream)(stream, &id, text("up"), headers, 3, text(""), false, 2000);
  return id;
}

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  config *c = module;
  buffer found;
#define IS(what) (!strcmp(c->name, what))
  if (IS("host")) CALLBACK(http_set_upstream_override_host)(stream, text("127.0.0.1:1"), true);
  if (IS("recreate")) CALLBACK(http_filter_recreate_stream)(stream);
  if (IS("span")) CALLBACK(http_get_active_span)(stream);
  if (IS("secret")) CALLBACK(http_filter_get_generic_secret)(stream, 1, &found);
  if (IS("runtime")) CALLBACK(get_runtime_int)(text("key"), 7);
  if (IS("socket")) CALLBACK(http_set_socket_option_int)(stream, 1, 1, 0, 0, 1);
  if (IS("state")) CALLBACK(http_set_filter_state_value)(stream, text("key"), text("value"), 2, 0);
  if (IS("connection-id")) CALLBACK(http_get_upstream_connection_id)(stream);
  if (IS("metadata")) CALLBACK(http_get_metadata_string)(stream, 1, text("space"), text("key"), &found);
  if (IS("certificate")) CALLBACK(http_filter_get_attribute_string)(stream, 38, &found);
  if (IS("request-trailers")) CALLBACK(http_get_headers_size)(stream, REQUEST_TRAILERS);
  if (IS("callout-data")) {
    uint64_t id = callout(stream);
    CALLBACK(http_stream_send_data)(stream, id, text("first"), false);
    CALLBACK(http_stream_send_data)(stream, id, text("second"), true);
  }
  if (IS("callout-trailers")) {
    header trailers[] = { { "x-end", 5, "yes", 3 } };
    CALLBACK(http_stream_send_trailers)(stream, callout(stream), trailers, 1);
  }
  return HEADERS_CONTINUE;
}

uint32_t FILTER_HOOK(response_headers)(void *stream, void *module, bool end) {
  config *c = module;
  if (IS("response-trailers")) CALLBACK(http_set_header)(stream, RESPONSE_TRAILERS, text("x-end"), text("yes"));
  return HEADERS_CONTINUE;
}
