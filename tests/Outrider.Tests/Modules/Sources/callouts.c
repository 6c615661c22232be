// Tells what it is told of requests of its own, as text. With FEW it has the hooks of whole ones alone.
#include "envoy.h"

static char told[1024];

const char *callouts_told(void) { return told; }

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)1; }
void *FILTER_HOOK(new)(void *module, void *stream) { return (void *)1; }

static void begin(const char *what, void *stream, void *module, uint64_t id) {
  snprintf(told, sizeof told, "%s %lx %lx %lu", what, (unsigned long)stream, (unsigned long)module, (unsigned long)id);
}

#define MORE(...) snprintf(told + strlen(told), sizeof told - strlen(told), __VA_ARGS__)

static void tell_headers(header *headers, size_t count) {
  for (size_t i = 0; i < count; i++)
    MORE(" %.*s=%.*s", (int)headers[i].name_length, headers[i].name, (int)headers[i].value_length, headers[i].value);
}

static void tell_data(buffer *chunks, size_t count) {
  for (size_t i = 0; i < count; i++) MORE(" [%.*s]", (int)chunks[i].length, chunks[i].data);
}

void FILTER_HOOK(http_callout_done)(void *stream, void *module, uint64_t id, uint32_t result, header *headers, size_t count, buffer *chunks, size_t chunk_count) {
  begin("done", stream, module, id);
  MORE(" %u", result);
  tell_headers(headers, count);
  tell_data(chunks, chunk_count);
}

#ifndef FEW
void FILTER_HOOK(http_stream_headers)(void *stream, void *module, uint64_t id, header *headers, size_t count, bool end) {
  begin("headers", stream, module, id);
  tell_headers(headers, count);
  MORE(end ? " end" : " open");
}

void FILTER_HOOK(http_stream_data)(void *stream, void *module, uint64_t id, buffer *chunks, size_t count, bool end) {
  begin("data", stream, module, id);
  tell_data(chunks, count);
  MORE(end ? " end" : " open");
}

void FILTER_HOOK(http_stream_trailers)(void *stream, void *module, uint64_t id, header *headers, size_t count) {
  begin("trailers", stream, module, id);
  tell_headers(headers, count);
}

void FILTER_HOOK(http_stream_complete)(void *stream, void *module, uint64_t id) { begin("complete", stream, module, id); }

void FILTER_HOOK(http_stream_reset)(void *stream, void *module, uint64_t id, uint32_t reason) {
  begin("reset", stream, module, id);
  MORE(" %u", reason);
}
#endif
