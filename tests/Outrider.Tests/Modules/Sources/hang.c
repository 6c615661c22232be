// A module that does not return when it is asked to load, to start, or to take or leave a configuration; and one that schedules much.
#include "envoy.h"

void *CALLBACK(http_filter_config_scheduler_new)(void *config);
void CALLBACK(http_filter_config_scheduler_commit)(void *scheduler, uint64_t event);

static int released, waiting, live, events;

static void hang(void) {
  __atomic_fetch_add(&waiting, 1, __ATOMIC_SEQ_CST);
  while (!__atomic_load_n(&released, __ATOMIC_SEQ_CST)) usleep(1000);
  __atomic_fetch_sub(&waiting, 1, __ATOMIC_SEQ_CST);
}

int hang_release(void) { return __atomic_exchange_n(&released, 1, __ATOMIC_SEQ_CST); }
int hang_waiting(void) { return __atomic_load_n(&waiting, __ATOMIC_SEQ_CST); }
int hang_live(void) { return __atomic_load_n(&live, __ATOMIC_SEQ_CST); }
int hang_events(void) { return __atomic_load_n(&events, __ATOMIC_SEQ_CST); }

#ifdef CONSTRUCTOR
__attribute__((constructor)) static void construct(void) { hang(); }
#endif

const char *HOOK(program_init)(void) {
#ifdef INIT
  hang();
#endif
  return "v0.2.0";
}

// The pointer is the first letter of the filter's name.
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) {
  __atomic_fetch_add(&live, 1, __ATOMIC_SEQ_CST);
  if (name.data[0] == 'n') hang();
  if (name.data[0] == 'w') {
    CALLBACK(log)(4, text("red \x1b[31m, turned \xe2\x80\xae, c1 \xc2\x9b."));
    __atomic_fetch_sub(&live, 1, __ATOMIC_SEQ_CST);
    return NULL;
  }
  if (name.data[0] == 'e') {
    void *scheduler = CALLBACK(http_filter_config_scheduler_new)(host);
    for (int i = 0; i < 1000; i++) CALLBACK(http_filter_config_scheduler_commit)(scheduler, i);
  }
  return (void *)(uintptr_t)name.data[0];
}

void FILTER_HOOK(config_destroy)(void *module) {
  if (module == (void *)(uintptr_t)'d') hang();
  __atomic_fetch_sub(&live, 1, __ATOMIC_SEQ_CST);
}

void *FILTER_HOOK(per_route_config_new)(buffer name, buffer bytes) {
  hang();
  return (void *)1;
}

void FILTER_HOOK(config_scheduled)(void *host, void *module, uint64_t event) { __atomic_fetch_add(&events, 1, __ATOMIC_SEQ_CST); }

void *FILTER_HOOK(new)(void *module, void *stream) { return calloc(1, sizeof(void *)); }

void FILTER_HOOK(destroy)(void *module) {
  if (*(void **)module) CALLBACK(http_filter_scheduler_delete)(*(void **)module);
  free(module);
}

// Schedules a thousand events at once.
uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  void *scheduler = *(void **)module = CALLBACK(http_filter_scheduler_new)(stream);
  for (int i = 0; i < 1000; i++) CALLBACK(http_filter_scheduler_commit)(scheduler, i);
  return HEADERS_STOP_ALL_WATERMARK;
}

void FILTER_HOOK(scheduled)(void *stream, void *module, uint64_t event) {
  __atomic_fetch_add(&events, 1, __ATOMIC_SEQ_CST);
  CALLBACK(http_filter_continue_decoding)(stream);
}
