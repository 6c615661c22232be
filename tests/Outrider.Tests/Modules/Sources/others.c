// A module as Envoy's SDKs make them: it refers to callbacks of all kinds of extensions, and calls none of them but when it is asked to.
#include "envoy.h"

uint64_t CALLBACK(access_logger_get_attempt_count)(void *logger);
bool CALLBACK(listener_filter_get_remote_address)(void *filter, buffer *address, uint32_t *port);
uint32_t CALLBACK(bootstrap_extension_http_callout)(void *config, uint64_t *id, buffer cluster, header *headers, size_t count, buffer body, uint64_t timeout);
uint32_t CALLBACK(network_filter_config_define_counter)(void *config, buffer name, size_t *id);
// Not what it returns, but every register that a caller may look into has to be clean.
double CALLBACK(cluster_lb_context_compute_hash_key)(void *context);
buffer CALLBACK(tracer_get_trace_context_value)(void *context);

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return name.length ? (void *)2 : (void *)1; }
void *FILTER_HOOK(new)(void *module, void *stream) { return module; }

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  if (module == (void *)1) return HEADERS_CONTINUE;
  buffer none = { NULL, 0 };
  uint64_t id;
  size_t metric;
  uint32_t port;
  double number = CALLBACK(cluster_lb_context_compute_hash_key)(NULL);
  buffer both = CALLBACK(tracer_get_trace_context_value)(NULL);
  char said[128];
  snprintf(said, sizeof said, "%llu %d %u %u %g %p/%zu", (unsigned long long)CALLBACK(access_logger_get_attempt_count)(NULL),
           CALLBACK(listener_filter_get_remote_address)(NULL, &none, &port),
           CALLBACK(bootstrap_extension_http_callout)(NULL, &id, none, NULL, 0, none, 0),
           CALLBACK(network_filter_config_define_counter)(NULL, none, &metric), number, (void *)both.data, both.length);
  CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-others"), text(said));
  return HEADERS_CONTINUE;
}
