// A module whose filters have configurations of routes, and tell which one is theirs.
#include "envoy.h"

void *CALLBACK(get_most_specific_route_config)(void *stream);

typedef struct { char bytes[64]; size_t length; } config;

static int live_route_configs;

int routed_live(void) { return __atomic_load_n(&live_route_configs, __ATOMIC_SEQ_CST); }

const char *HOOK(program_init)(void) { return "v0.2.0"; }

static config *copy(buffer name, buffer bytes) {
  config *c = calloc(1, sizeof *c);
  c->length = (size_t)snprintf(c->bytes, sizeof c->bytes, "%.*s:%.*s", (int)name.length, name.data, (int)bytes.length, bytes.data);
  return c;
}

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return copy(name, bytes); }

void FILTER_HOOK(config_destroy)(void *module) { free(module); }

void *FILTER_HOOK(per_route_config_new)(buffer name, buffer bytes) {
  if (bytes.length == 5 && memcmp(bytes.data, "wrong", 5) == 0) {
    CALLBACK(log)(4, text("not this one"));
    return NULL;
  }
  __atomic_add_fetch(&live_route_configs, 1, __ATOMIC_SEQ_CST);
  return copy(name, bytes);
}

void FILTER_HOOK(per_route_config_destroy)(void *module) {
  free(module);
  __atomic_sub_fetch(&live_route_configs, 1, __ATOMIC_SEQ_CST);
}

void *FILTER_HOOK(new)(void *module, void *stream) { return module; }

void FILTER_HOOK(destroy)(void *module) {}

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  config *own = module, *route = CALLBACK(get_most_specific_route_config)(stream);
  config *c = route ? route : own;
  CALLBACK(http_add_header)(stream, REQUEST_HEADERS, text("x-config"), (buffer){ c->bytes, c->length });
  return HEADERS_CONTINUE;
}
