// Answers with as many kilobytes as it is asked for, in pieces; with "x-polite" it waits for a client that takes nothing.
#include "envoy.h"

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)1; }

typedef struct { void *scheduler; int left; bool polite, paused; } filter;

void *FILTER_HOOK(new)(void *module, void *stream) { return calloc(1, sizeof(filter)); }

void FILTER_HOOK(destroy)(void *module) {
  filter *f = module;
  if (f->scheduler) CALLBACK(http_filter_scheduler_delete)(f->scheduler);
  free(f);
}

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  filter *f = module;
  buffer kilobytes;
  if (!CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text("x-kilobytes"), &kilobytes, 0, NULL)) return HEADERS_CONTINUE;
  f->left = atoi(kilobytes.data);
  f->polite = CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text("x-polite"), &kilobytes, 0, NULL);
  header head = { ":status", 7, "200", 3 };
  CALLBACK(http_send_response_headers)(stream, &head, 1, false);
  f->scheduler = CALLBACK(http_filter_scheduler_new)(stream);
  CALLBACK(http_filter_scheduler_commit)(f->scheduler, 0);
  return HEADERS_STOP;
}

void FILTER_HOOK(scheduled)(void *stream, void *module, uint64_t event) {
  static char piece[1024];
  filter *f = module;
  if (f->paused || f->left == 0) return;
  memset(piece, 'x', sizeof piece);
  CALLBACK(http_send_response_data)(stream, (buffer){ piece, sizeof piece }, --f->left == 0);
  if (f->left > 0) CALLBACK(http_filter_scheduler_commit)(f->scheduler, 0);
}

void FILTER_HOOK(downstream_above_write_buffer_high_watermark)(void *stream, void *module) {
  filter *f = module;
  f->paused = f->polite;
}

void FILTER_HOOK(downstream_below_write_buffer_low_watermark)(void *stream, void *module) {
  filter *f = module;
  if (f->paused) CALLBACK(http_filter_scheduler_commit)(f->scheduler, 0);
  f->paused = false;
}
