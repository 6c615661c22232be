// What a module does with a configuration alone, from a thread of its own.
#include "envoy.h"

void *CALLBACK(http_filter_config_scheduler_new)(void *config);
void CALLBACK(http_filter_config_scheduler_commit)(void *scheduler, uint64_t event);
void CALLBACK(http_filter_config_scheduler_delete)(void *scheduler);

static int in_order, blocked, released;

// How many events came in their order; less than 0 after one that did not.
int config_in_order(void) { return __atomic_load_n(&in_order, __ATOMIC_SEQ_CST); }
int config_blocked(void) { return __atomic_load_n(&blocked, __ATOMIC_SEQ_CST); }
int config_release(void) { return __atomic_exchange_n(&released, 1, __ATOMIC_SEQ_CST); }

const char *HOOK(program_init)(void) { return "v0.2.0"; }

static void *commit_all(void *scheduler) {
  for (uint64_t i = 0; i < 1000; i++) CALLBACK(http_filter_config_scheduler_commit)(scheduler, i);
  CALLBACK(http_filter_config_scheduler_delete)(scheduler);
  return NULL;
}

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) {
  void *scheduler = CALLBACK(http_filter_config_scheduler_new)(host);
  bool blocks = name.data[0] == 'b';
  if (blocks) {
    CALLBACK(http_filter_config_scheduler_commit)(scheduler, 7);
  } else {
    pthread_t thread;
    pthread_create(&thread, NULL, commit_all, scheduler);
    pthread_detach(thread);
  }
  return blocks ? (void *)2 : (void *)1;
}

void FILTER_HOOK(config_scheduled)(void *host, void *module, uint64_t event) {
  if (module == (void *)2) {
    __atomic_store_n(&blocked, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&released, __ATOMIC_SEQ_CST)) usleep(1000);
    return;
  }
  in_order = in_order >= 0 && event == (uint64_t)in_order ? in_order + 1 : -1;
}

void *FILTER_HOOK(new)(void *module, void *stream) { return module; }
