// Asks the cluster "up" piece by piece. "relay": the client's body goes there and the answer comes back, as both come. "push": as much as is
// taken goes there once the answer's head is here, and how much that was is told.
#include "envoy.h"

uint32_t CALLBACK(http_filter_start_http_stream)(void *stream, uint64_t *id, buffer cluster, header *headers, size_t count, buffer body, bool end, uint64_t timeout);
bool CALLBACK(http_stream_send_data)(void *stream, uint64_t id, buffer data, bool end);

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)(name.length == 4 && memcmp(name.data, "push", 4) == 0 ? 2l : 1l); }

typedef struct { bool push; uint64_t id; } filter;

void *FILTER_HOOK(new)(void *module, void *stream) {
  filter *f = calloc(1, sizeof *f);
  f->push = module == (void *)2l;
  return f;
}

void FILTER_HOOK(destroy)(void *module) { free(module); }

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  filter *f = module;
  header head[] = { { ":method", 7, "POST", 4 }, { ":path", 5, "/asked", 6 }, { ":authority", 10, "up", 2 } };
  CALLBACK(http_filter_start_http_stream)(stream, &f->id, text("up"), head, 3, (buffer){ NULL, 0 }, end && !f->push, 0);
  return HEADERS_STOP;
}

uint32_t FILTER_HOOK(request_body)(void *stream, void *module, bool end) {
  filter *f = module;
  buffer chunks[256];
  size_t count = CALLBACK(http_get_body_chunks_size)(stream, RECEIVED_REQUEST);
  if (count > 256 || !CALLBACK(http_get_body_chunks)(stream, RECEIVED_REQUEST, chunks)) count = 0;
  bool taken = true;
  for (size_t i = 0; i < count; i++) taken &= CALLBACK(http_stream_send_data)(stream, f->id, chunks[i], end && i == count - 1);
  if (count == 0 && end) taken &= CALLBACK(http_stream_send_data)(stream, f->id, (buffer){ NULL, 0 }, true);
  if (!taken) CALLBACK(http_send_response)(stream, 500, NULL, 0, text("it was not taken"), text(""));
  return DATA_STOP_NO_BUFFER;
}

void FILTER_HOOK(http_stream_headers)(void *stream, void *module, uint64_t id, header *headers, size_t count, bool end) {
  static char piece[65536];
  filter *f = module;
  if (f->push) {
    size_t taken = 0;
    while (taken < ((size_t)1 << 30) && CALLBACK(http_stream_send_data)(stream, id, (buffer){ piece, sizeof piece }, false)) taken += sizeof piece;
    char said[32];
    snprintf(said, sizeof said, "%zu", taken);
    CALLBACK(http_send_response)(stream, 200, NULL, 0, text(said), text(""));
    return;
  }
  header head = { ":status", 7, "200", 3 };
  CALLBACK(http_send_response_headers)(stream, &head, 1, end);
}

void FILTER_HOOK(http_stream_data)(void *stream, void *module, uint64_t id, buffer *chunks, size_t count, bool end) {
  if (((filter *)module)->push) return;
  for (size_t i = 0; i < count; i++) CALLBACK(http_send_response_data)(stream, chunks[i], end && i == count - 1);
  if (count == 0) CALLBACK(http_send_response_data)(stream, (buffer){ NULL, 0 }, end);
}
