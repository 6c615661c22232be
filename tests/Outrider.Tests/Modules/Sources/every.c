// A module with one filter for each thing that a test wants to see; the filter's name says which.
#include "envoy.h"

typedef struct { char name[64]; char *config; size_t config_length; size_t counter; } config;
typedef struct { config *config; void *stream; void *scheduler; int waited_in; } filter;

static int live_configs, live_filters;

int every_live_configs(void) { return __atomic_load_n(&live_configs, __ATOMIC_SEQ_CST); }
int every_live_filters(void) { return __atomic_load_n(&live_filters, __ATOMIC_SEQ_CST); }

const char *HOOK(program_init)(void) { return "v0.2.0"; }

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) {
  if (name.length == 6 && memcmp(name.data, "refuse", 6) == 0) {
    CALLBACK(log)(4, text("the secret is too short"));
    return NULL;
  }
  config *c = calloc(1, sizeof *c);
  memcpy(c->name, name.data, name.length < 63 ? name.length : 63);
  c->config = malloc(bytes.length + 1);
  memcpy(c->config, bytes.data, bytes.length);
  c->config_length = bytes.length;
  buffer label = text("path");
  CALLBACK(http_filter_config_define_counter)(host, text("every_seen"), &label, 1, &c->counter);
  __atomic_add_fetch(&live_configs, 1, __ATOMIC_SEQ_CST);
  return c;
}

void FILTER_HOOK(config_destroy)(void *module) {
  config *c = module;
  free(c->config);
  free(c);
  __atomic_sub_fetch(&live_configs, 1, __ATOMIC_SEQ_CST);
}

void *FILTER_HOOK(new)(void *module, void *stream) {
  filter *f = calloc(1, sizeof *f);
  f->config = module;
  f->stream = stream;
  __atomic_add_fetch(&live_filters, 1, __ATOMIC_SEQ_CST);
  return f;
}

void FILTER_HOOK(destroy)(void *module) {
  filter *f = module;
  if (f->scheduler) CALLBACK(http_filter_scheduler_delete)(f->scheduler);
  free(f);
  __atomic_sub_fetch(&live_filters, 1, __ATOMIC_SEQ_CST);
}

static bool is(filter *f, const char *name) { return strcmp(f->config->name, name) == 0; }

typedef struct { void *scheduler; unsigned delay; } wait;

static void *wake(void *argument) {
  wait *w = argument;
  usleep(w->delay * 1000);
  CALLBACK(http_filter_scheduler_commit)(w->scheduler, 7);
  CALLBACK(http_filter_scheduler_delete)(w->scheduler);
  free(w);
  return NULL;
}

// Lets another thread come back to this stream.
static void wake_later(void *stream, unsigned delay) {
  wait *w = malloc(sizeof *w);
  w->scheduler = CALLBACK(http_filter_scheduler_new)(stream);
  w->delay = delay;
  pthread_t thread;
  pthread_create(&thread, NULL, wake, w);
  pthread_detach(thread);
}

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  filter *f = module;
  if (is(f, "headers")) {
    buffer value, host;
    size_t count;
    CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text("x-in"), &value, 1, &count);
    char seen[256];
    CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text(":authority"), &host, 0, NULL);
    snprintf(seen, sizeof seen, "%.*s/%zu/%.*s", (int)value.length, value.data, count, (int)host.length, host.data);
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-seen"), text(seen));
    CALLBACK(http_add_header)(stream, REQUEST_HEADERS, text("x-added"), text("1"));
    CALLBACK(http_add_header)(stream, REQUEST_HEADERS, text("x-added"), text("2"));
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-remove"), (buffer){ NULL, 0 });
    header all[64];
    size_t n = CALLBACK(http_get_headers_size)(stream, REQUEST_HEADERS);
    CALLBACK(http_get_headers)(stream, REQUEST_HEADERS, all);
    char names[1024] = "";
    for (size_t i = 0; i < n; i++) snprintf(names + strlen(names), sizeof names - strlen(names), "%.*s ", (int)all[i].name_length, all[i].name);
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-names"), text(names));
    return HEADERS_CONTINUE;
  }
  if (is(f, "config")) {
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-config"), (buffer){ f->config->config, f->config->config_length });
    return HEADERS_CONTINUE;
  }
  if (is(f, "reply")) {
    header own[] = { { "x-own", 5, "yes", 3 }, { "www-authenticate", 16, "Basic", 5 } };
    CALLBACK(http_send_response)(stream, 401, own, 2, text("go away"), text("no_token"));
    return HEADERS_STOP;
  }
  if (is(f, "upper") || is(f, "count")) return end ? HEADERS_CONTINUE : HEADERS_STOP;
  if (is(f, "wait") || is(f, "wait-reply") || is(f, "wait-reset")) {
    buffer delay;
    unsigned ms = CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text("x-delay"), &delay, 0, NULL) ? (unsigned)atoi(delay.data) : 5;
    f->waited_in = 1;
    wake_later(stream, ms);
    return HEADERS_STOP_ALL_WATERMARK;
  }
  if (is(f, "wait-stop")) {
    f->waited_in = 1;
    wake_later(stream, 30);
    return HEADERS_STOP;
  }
  if (is(f, "stream")) {
    header head[] = { { ":status", 7, "202", 3 }, { "x-streamed", 10, "yes", 3 } };
    CALLBACK(http_send_response_headers)(stream, head, 2, false);
    CALLBACK(http_send_response_data)(stream, text("first "), false);
    wake_later(stream, 20);
    return HEADERS_STOP;
  }
  if (is(f, "route")) {
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text(":path"), text("/other"));
    CALLBACK(http_clear_route_cache)(stream);
    return HEADERS_CONTINUE;
  }
  if (is(f, "keep-route")) {
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text(":path"), text("/other"));
    return HEADERS_CONTINUE;
  }
  if (is(f, "set-metadata")) {
    CALLBACK(http_set_dynamic_metadata_string)(stream, text("every"), text("user"), text("ada"));
    CALLBACK(http_set_filter_state_bytes)(stream, text("every.state"), text("kept"));
    return HEADERS_CONTINUE;
  }
  if (is(f, "get-metadata")) {
    buffer user = { "", 0 }, state = { "", 0 };
    CALLBACK(http_get_metadata_string)(stream, 0, text("every"), text("user"), &user);
    CALLBACK(http_get_filter_state_bytes)(stream, text("every.state"), &state);
    char both[64];
    snprintf(both, sizeof both, "%.*s %.*s", (int)user.length, user.data, (int)state.length, state.data);
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-metadata"), text(both));
    return HEADERS_CONTINUE;
  }
  if (is(f, "attributes")) {
    buffer method = { "", 0 }, source = { "", 0 };
    uint64_t port = 0;
    CALLBACK(http_filter_get_attribute_string)(stream, 4, &method);
    CALLBACK(http_filter_get_attribute_string)(stream, 24, &source);
    CALLBACK(http_filter_get_attribute_int)(stream, 25, &port);
    char all[128];
    snprintf(all, sizeof all, "%.*s %.*s %d", (int)method.length, method.data, (int)source.length, source.data, port > 0);
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-attributes"), text(all));
    return HEADERS_CONTINUE;
  }
  if (is(f, "metrics")) {
    buffer path;
    CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text(":path"), &path, 0, NULL);
    CALLBACK(http_filter_increment_counter)(stream, f->config->counter, &path, 1, 2);
    CALLBACK(log)(2, text("counted in the module"));
    return HEADERS_CONTINUE;
  }
  if (is(f, "callout")) {
    header head[] = { { ":method", 7, "GET", 3 }, { ":path", 5, "/ask", 4 }, { "host", 4, "asked.test", 10 } };
    uint64_t id;
    uint32_t result = CALLBACK(http_filter_http_callout)(stream, &id, text("up"), head, 3, (buffer){ NULL, 0 }, 5000);
    if (result != 0) CALLBACK(http_send_response)(stream, 500 + result, NULL, 0, text("no callout"), (buffer){ NULL, 0 });
    return HEADERS_STOP_ALL_WATERMARK;
  }
  return HEADERS_CONTINUE;
}

static size_t body(void *stream, uint32_t kind, char *into, size_t size) {
  buffer chunks[64];
  size_t n = CALLBACK(http_get_body_chunks_size)(stream, kind), length = 0;
  CALLBACK(http_get_body_chunks)(stream, kind, chunks);
  for (size_t i = 0; i < n; i++) {
    size_t count = chunks[i].length < size - length ? chunks[i].length : size - length;
    memcpy(into + length, chunks[i].data, count);
    length += count;
  }
  return length;
}

static void to_upper(void *stream, uint32_t kind) {
  char *bytes = malloc(1 << 20);
  size_t length = body(stream, kind, bytes, 1 << 20);
  for (size_t i = 0; i < length; i++) bytes[i] = bytes[i] >= 'a' && bytes[i] <= 'z' ? bytes[i] - 32 : bytes[i];
  CALLBACK(http_drain_body)(stream, kind, length);
  CALLBACK(http_append_body)(stream, kind, (buffer){ bytes, length });
  free(bytes);
}

uint32_t FILTER_HOOK(request_body)(void *stream, void *module, bool end) {
  filter *f = module;
  if (is(f, "upper")) {
    if (!end) return DATA_STOP_BUFFER;
    to_upper(stream, CALLBACK(http_get_body_size)(stream, BUFFERED_REQUEST) ? BUFFERED_REQUEST : RECEIVED_REQUEST);
    return DATA_CONTINUE;
  }
  if (is(f, "pieces")) {
    to_upper(stream, RECEIVED_REQUEST);
    return DATA_CONTINUE;
  }
  if (is(f, "drop")) return end ? DATA_CONTINUE : DATA_STOP_NO_BUFFER;
  if (is(f, "wait-stop")) return f->waited_in ? DATA_STOP_WATERMARK : DATA_CONTINUE;
  if (is(f, "wait-body")) {
    f->waited_in = 1;
    if (end) wake_later(stream, 10);
    return DATA_STOP_BUFFER;
  }
  return DATA_CONTINUE;
}

uint32_t FILTER_HOOK(request_trailers)(void *stream, void *module) {
  if (is(module, "trailers")) {
    buffer sum = { "", 0 };
    CALLBACK(http_get_header)(stream, REQUEST_TRAILERS, text("x-sum"), &sum, 0, NULL);
    CALLBACK(http_set_header)(stream, REQUEST_TRAILERS, text("x-sum-seen"), sum);
  }
  if (is(module, "upper")) to_upper(stream, BUFFERED_REQUEST);
  return TRAILERS_CONTINUE;
}

uint32_t FILTER_HOOK(response_headers)(void *stream, void *module, bool end) {
  filter *f = module;
  if (is(f, "headers")) {
    buffer status;
    CALLBACK(http_get_header)(stream, RESPONSE_HEADERS, text(":status"), &status, 0, NULL);
    CALLBACK(http_set_header)(stream, RESPONSE_HEADERS, text("x-status"), status);
    CALLBACK(http_set_header)(stream, RESPONSE_HEADERS, text(":status"), text("203"));
  }
  if (is(f, "upper-response")) return end ? HEADERS_CONTINUE : HEADERS_STOP;
  if (is(f, "late-reply")) {
    CALLBACK(http_send_response)(stream, 418, NULL, 0, text("teapot"), (buffer){ NULL, 0 });
    return HEADERS_STOP;
  }
  if (is(f, "wait-response")) {
    f->waited_in = 2;
    wake_later(stream, 10);
    return HEADERS_STOP_ALL_BUFFER;
  }
  return HEADERS_CONTINUE;
}

uint32_t FILTER_HOOK(response_body)(void *stream, void *module, bool end) {
  if (is(module, "upper-response")) {
    if (!end) return DATA_STOP_BUFFER;
    to_upper(stream, CALLBACK(http_get_body_size)(stream, BUFFERED_RESPONSE) ? BUFFERED_RESPONSE : RECEIVED_RESPONSE);
  }
  return DATA_CONTINUE;
}

void FILTER_HOOK(scheduled)(void *stream, void *module, uint64_t event) {
  filter *f = module;
  if (event != 7) abort();
  if (is(f, "wait-reply")) {
    CALLBACK(http_send_response)(stream, 403, NULL, 0, text("refused"), (buffer){ NULL, 0 });
  } else if (is(f, "wait-reset")) {
    CALLBACK(http_filter_reset_stream)(stream, 0, text("enough"));
  } else if (is(f, "stream")) {
    CALLBACK(http_send_response_data)(stream, text("second"), false);
    header trailer = { "x-end", 5, "of stream", 9 };
    CALLBACK(http_send_response_trailers)(stream, &trailer, 1);
  } else if (f->waited_in == 2) {
    CALLBACK(http_set_header)(stream, RESPONSE_HEADERS, text("x-waited"), text("yes"));
    CALLBACK(http_filter_continue_encoding)(stream);
  } else {
    f->waited_in = 0;
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-waited"), text("yes"));
    CALLBACK(http_filter_continue_decoding)(stream);
  }
}

void FILTER_HOOK(http_callout_done)(void *stream, void *module, uint64_t id, uint32_t result, header *headers, size_t count, buffer *chunks, size_t chunk_count) {
  char answer[256];
  snprintf(answer, sizeof answer, "%u %.*s %.*s", result, count ? (int)headers[0].value_length : 0, count ? headers[0].value : "",
           chunk_count ? (int)chunks[0].length : 0, chunk_count ? chunks[0].data : "");
  CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-answer"), text(answer));
  CALLBACK(http_filter_continue_decoding)(stream);
}

uint32_t FILTER_HOOK(local_reply)(void *stream, void *module, uint32_t status, buffer details, bool reset) {
  return is(module, "no-local-reply") ? 1 : 0;
}
