// Threads that no runtime knows, inside malloc most of the time: where a signal hurts most.
#include "envoy.h"

static int stop;

static void *churn(void *seed) {
  unsigned random = (unsigned)(size_t)seed;
  void *kept[256] = { 0 };
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    unsigned slot = rand_r(&random) % 256;
    free(kept[slot]);
    kept[slot] = malloc(rand_r(&random) % 20000);
    if (rand_r(&random) % 64 == 0) usleep(50);
  }
  for (int i = 0; i < 256; i++) free(kept[i]);
  return NULL;
}

static pthread_t threads[4];

int churn_start(void) {
  stop = 0;
  for (size_t i = 0; i < 4; i++) pthread_create(&threads[i], NULL, churn, (void *)(i + 1));
  return 4;
}

int churn_stop(void) {
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (size_t i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  return 0;
}
