// Does to the process's signal handlers what Go's runtime does when a library of it is loaded, and runs on small stacks as Go does.
// With -DPOLITE it leaves the handlers alone.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include "envoy.h"

enum { SUSPENSION = 34, STACK = 4096, PAGE = 4096 };

// Every handler that is somebody's goes to the alternate stack (Go: initsig, setsigstack).
__attribute__((constructor)) static void load(void) {
#ifndef POLITE
  for (int signal = 1; signal <= 64; signal++) {
    struct sigaction action;
    if (sigaction(signal, NULL, &action) || action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) continue;
    action.sa_flags |= SA_ONSTACK;
    sigaction(signal, &action, NULL);
  }
#endif
}

int golike_suspension_is_on_alternate_stack(void) {
  struct sigaction action;
  return sigaction(SUSPENSION, NULL, &action) || action.sa_flags & SA_ONSTACK;
}

static int is_blocked(void) {
  sigset_t mask;
  return pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 && sigismember(&mask, SUSPENSION);
}

// How often a hook, and the module's own thread after a callback, ran with the signal blocked, and without.
static int blocked, open_, blocked_after_callback, open_after_callback;
int golike_blocked(void) { return __atomic_load_n(&blocked, __ATOMIC_SEQ_CST); }
int golike_open(void) { return __atomic_load_n(&open_, __ATOMIC_SEQ_CST); }
int golike_blocked_after_callback(void) { return __atomic_load_n(&blocked_after_callback, __ATOMIC_SEQ_CST); }
int golike_open_after_callback(void) { return __atomic_load_n(&open_after_callback, __ATOMIC_SEQ_CST); }
static void note(int is, int *yes, int *no) { __atomic_add_fetch(is ? yes : no, 1, __ATOMIC_SEQ_CST); }

// The threads that hooks have run on, for the storm.
static pid_t threads[64];
static __thread pid_t *place;

static void know(void) {
  for (int i = 0; !place && i < 64; i++) {
    pid_t none = 0;
    if (__atomic_compare_exchange_n(&threads[i], &none, (pid_t)syscall(SYS_gettid), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) place = &threads[i];
  }
}

static void *storm(void *unused) {
  struct timespec pause = { 0, 20000 };
  for (;;) {
    for (int i = 0; i < 64; i++) {
      pid_t thread = __atomic_load_n(&threads[i], __ATOMIC_SEQ_CST);
      if (thread) syscall(SYS_tgkill, getpid(), thread, SUSPENSION);
    }
    nanosleep(&pause, NULL);
  }
  return unused;
}

typedef struct { void *stream; void *scheduler; int waits; } filter;
typedef struct { ucontext_t own, small; void (*work)(void *); void *argument; } excursion;

static void begin(unsigned high, unsigned low) {
  excursion *e = (excursion *)((uintptr_t)high << 32 | low);
  e->work(e->argument);
}

static __thread char *stack;

// Runs on a stack of 4 KiB with nothing below it, as a goroutine begins with.
static void on_small_stack(void (*work)(void *), void *argument) {
  if (!stack) {
    stack = mmap(NULL, PAGE + STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(stack, PAGE, PROT_NONE);
  }
  static __thread excursion e;
  e.work = work;
  e.argument = argument;
  getcontext(&e.small);
  e.small.uc_stack.ss_sp = stack + PAGE;
  e.small.uc_stack.ss_size = STACK;
  e.small.uc_link = &e.own;
  makecontext(&e.small, (void (*)(void))begin, 2, (unsigned)((uintptr_t)&e >> 32), (unsigned)(uintptr_t)&e);
  swapcontext(&e.own, &e.small);
}

static void spin(void *argument) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - start.tv_sec) * 1000000000L + now.tv_nsec - start.tv_nsec < (long)(intptr_t)argument);
}

const char *HOOK(program_init)(void) { return "v0.2.0"; }

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) {
  note(is_blocked(), &blocked, &open_);
  if (name.length == 5 && memcmp(name.data, "storm", 5) == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, storm, NULL);
    pthread_detach(thread);
  }
  return (void *)1;
}

void *FILTER_HOOK(new)(void *module, void *stream) {
  filter *f = calloc(1, sizeof *f);
  f->stream = stream;
  return f;
}

void FILTER_HOOK(destroy)(void *module) {
  filter *f = module;
  free(f);
}

// A thread of the module's own: what a goroutine is that calls back.
static void *wake(void *scheduler) {
  know();
  on_small_stack(spin, (void *)(intptr_t)20000);
  CALLBACK(log)(0, text("from a thread of the module's own"));
  note(is_blocked(), &blocked_after_callback, &open_after_callback);
  on_small_stack(spin, (void *)(intptr_t)20000);
  CALLBACK(http_filter_scheduler_commit)(scheduler, 1);
  note(is_blocked(), &blocked_after_callback, &open_after_callback);
  on_small_stack(spin, (void *)(intptr_t)20000);
  CALLBACK(http_filter_scheduler_delete)(scheduler);
  if (place) __atomic_store_n(place, 0, __ATOMIC_SEQ_CST);
  munmap(stack, PAGE + STACK);
  return NULL;
}

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  know();
  note(is_blocked(), &blocked, &open_);
  on_small_stack(spin, (void *)(intptr_t)30000);
  buffer value;
  size_t count;
  if (CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text("x-wait"), &value, 0, &count)) {
    pthread_t thread;
    pthread_create(&thread, NULL, wake, CALLBACK(http_filter_scheduler_new)(stream));
    pthread_detach(thread);
    return HEADERS_STOP_ALL_WATERMARK;
  }
  on_small_stack(spin, (void *)(intptr_t)30000);
  return HEADERS_CONTINUE;
}

void FILTER_HOOK(scheduled)(void *stream, void *module, uint64_t event) {
  note(is_blocked(), &blocked, &open_);
  on_small_stack(spin, (void *)(intptr_t)30000);
  CALLBACK(http_filter_continue_decoding)(stream);
}
