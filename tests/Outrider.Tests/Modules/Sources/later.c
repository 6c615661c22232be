// Keeps each request until its one thread comes back to it. What a stream before it had to come back with is committed to as well, which must reach nobody.
#include "envoy.h"

typedef struct { void *scheduler; } filter;

enum { ROOM = 1024 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static void *waiting[ROOM];
static unsigned first, last;
static void *before;
static int streams, strange;

int later_streams(void) { return __atomic_load_n(&streams, __ATOMIC_SEQ_CST); }
int later_strange(void) { return __atomic_load_n(&strange, __ATOMIC_SEQ_CST); }

static void *work(void *argument) {
  for (;;) {
    pthread_mutex_lock(&gate);
    while (first == last) pthread_cond_wait(&more, &gate);
    void *scheduler = waiting[first++ % ROOM];
    pthread_mutex_unlock(&gate);
    CALLBACK(http_filter_scheduler_commit)(scheduler, 7);
  }
  return NULL;
}

const char *HOOK(program_init)(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, work, NULL);
  pthread_detach(thread);
  return "v0.2.0";
}

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)1; }

void *FILTER_HOOK(new)(void *config, void *stream) { return calloc(1, sizeof(filter)); }

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  filter *f = module;
  f->scheduler = CALLBACK(http_filter_scheduler_new)(stream);
  if (before) {
    CALLBACK(http_filter_scheduler_commit)(before, 8);
    CALLBACK(http_filter_scheduler_delete)(before);
  }
  pthread_mutex_lock(&gate);
  waiting[last++ % ROOM] = f->scheduler;
  pthread_cond_signal(&more);
  pthread_mutex_unlock(&gate);
  return HEADERS_STOP_ALL_WATERMARK;
}

void FILTER_HOOK(scheduled)(void *stream, void *module, uint64_t event) {
  if (event != 7) __atomic_add_fetch(&strange, 1, __ATOMIC_SEQ_CST);
  CALLBACK(http_filter_continue_decoding)(stream);
}

void FILTER_HOOK(destroy)(void *module) {
  filter *f = module;
  if (f->scheduler) CALLBACK(http_filter_scheduler_delete)(f->scheduler);
  before = f->scheduler;
  free(f);
  __atomic_add_fetch(&streams, 1, __ATOMIC_SEQ_CST);
}
