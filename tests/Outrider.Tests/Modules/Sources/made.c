// Makes a body in the headers hook of a message that came without one. "late": lets the head go on from its scheduler. "open": says with
// its answer that a body follows. "clear": changes the path too, and has the route matched again. "sees": has made nothing and counts.
#include "envoy.h"

typedef struct { char name[16]; } config;
typedef struct { config *config; bool held; } filter;

static bool is(filter *f, const char *name) { return strcmp(f->config->name, name) == 0; }

const char *HOOK(program_init)(void) { return "v0.2.0"; }

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) {
  config *c = calloc(1, sizeof *c);
  memcpy(c->name, name.data, name.length < sizeof c->name ? name.length : sizeof c->name - 1);
  return c;
}

void FILTER_HOOK(config_destroy)(void *c) { free(c); }

void *FILTER_HOOK(new)(void *c, void *stream) {
  filter *f = calloc(1, sizeof *f);
  f->config = c;
  return f;
}

void FILTER_HOOK(destroy)(void *f) { free(f); }

static void go_on_later(void *stream, uint64_t event) {
  void *scheduler = CALLBACK(http_filter_scheduler_new)(stream);
  CALLBACK(http_filter_scheduler_commit)(scheduler, event);
  CALLBACK(http_filter_scheduler_delete)(scheduler);
}

static uint32_t make(void *stream, filter *f, bool end, uint32_t kind, uint32_t map) {
  if (is(f, "sees")) {
    CALLBACK(http_add_header)(stream, map, text("x-head"), text(end ? "alone" : "with body"));
    return HEADERS_CONTINUE;
  }
  if (!end) return HEADERS_CONTINUE;
  CALLBACK(http_append_body)(stream, kind, text("made "));
  CALLBACK(http_append_body)(stream, kind, text("here"));
  if (is(f, "clear") && map == REQUEST_HEADERS) {
    CALLBACK(http_set_header)(stream, map, text(":path"), text("/cleared"));
    CALLBACK(http_clear_route_cache)(stream);
  }
  if (is(f, "late")) {
    go_on_later(stream, kind);
    return HEADERS_STOP;
  }
  return is(f, "open") ? HEADERS_CONTINUE_OPEN : HEADERS_CONTINUE;
}

uint32_t FILTER_HOOK(request_headers)(void *stream, void *f, bool end) { return make(stream, f, end, BUFFERED_REQUEST, REQUEST_HEADERS); }
uint32_t FILTER_HOOK(response_headers)(void *stream, void *f, bool end) { return make(stream, f, end, BUFFERED_RESPONSE, RESPONSE_HEADERS); }

static void count(void *stream, filter *f, uint32_t kind, const char *name) {
  if (!is(f, "sees")) return;
  char said[32];
  snprintf(said, sizeof said, "%zu", CALLBACK(http_get_body_size)(stream, kind));
  CALLBACK(http_set_dynamic_metadata_string)(stream, text("made"), text(name), text(said));
}

uint32_t FILTER_HOOK(request_body)(void *stream, void *f, bool end) {
  count(stream, f, RECEIVED_REQUEST, "request");
  return DATA_CONTINUE;
}

uint32_t FILTER_HOOK(response_body)(void *stream, void *f, bool end) {
  count(stream, f, RECEIVED_RESPONSE, "response");
  return DATA_CONTINUE;
}

void FILTER_HOOK(scheduled)(void *stream, void *f, uint64_t event) {
  if (event == BUFFERED_REQUEST) CALLBACK(http_filter_continue_decoding)(stream);
  else CALLBACK(http_filter_continue_encoding)(stream);
}
