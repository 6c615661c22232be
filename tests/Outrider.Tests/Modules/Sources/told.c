// Counts what it is told, and answers "stop" to what can be stopped. Its filter "none" is never made.
#include "envoy.h"

static int live, told, last_event;
static void *config_with_none;

int told_live(void) { return live; }
int told_count(void) { return told; }
int told_last_event(void) { return last_event; }

const char *HOOK(program_init)(void) { return "v0.2.0"; }

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) {
  void *config = malloc(1);
  if (name.length == 4 && memcmp(name.data, "none", 4) == 0) config_with_none = config;
  return config;
}

void *FILTER_HOOK(new)(void *config, void *stream) {
  if (config == config_with_none) return NULL;
  live++;
  return malloc(1);
}

void FILTER_HOOK(destroy)(void *module) {
  live--;
  free(module);
}

int FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  told++;
  return end ? HEADERS_CONTINUE : HEADERS_STOP;
}

int FILTER_HOOK(request_body)(void *stream, void *module, bool end) {
  told++;
  return end ? DATA_CONTINUE : DATA_STOP_BUFFER;
}

void FILTER_HOOK(scheduled)(void *stream, void *module, uint64_t event) {
  told++;
  last_event = (int)event;
}
