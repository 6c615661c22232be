/* A host that treats modules badly: it closes them, and loads two while threads of its own do nothing but malloc. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct { const char *data; size_t length; } text;

static volatile bool stop;
static int envoy;

/* What the modules ask of their host. */
void envoy_dynamic_module_callback_log(int level, text line) { fprintf(stderr, "%.*s\n", (int)line.length, line.data); }
bool envoy_dynamic_module_callback_log_enabled(int level) { return true; }
static int define(size_t *id) { *id = 1; return 0; }
int envoy_dynamic_module_callback_http_filter_config_define_counter(void *c, text n, text *l, size_t k, size_t *id) { return define(id); }
int envoy_dynamic_module_callback_http_filter_config_define_gauge(void *c, text n, text *l, size_t k, size_t *id) { return define(id); }
int envoy_dynamic_module_callback_http_filter_config_define_histogram(void *c, text n, text *l, size_t k, size_t *id) { return define(id); }

static void *allocate(void *nothing) {
    while (!stop) {
        void *blocks[64];
        for (int i = 0; i < 64; i++) blocks[i] = malloc(16 + rand() % 4000);
        for (int i = 0; i < 64; i++) free(blocks[i]);
    }
    return NULL;
}

/* Configurations come and go: each leaves garbage behind, so the module's collector has to work. */
static void *configure(void *module) {
    void *(*new)(void *, text, text) = dlsym(module, "envoy_dynamic_module_on_http_filter_config_new");
    void (*destroy)(void *) = dlsym(module, "envoy_dynamic_module_on_http_filter_config_destroy");
    char config[20000];
    memset(config, ' ', sizeof config);
    memcpy(config, "{\"version\":\"x\"}", 15);
    while (!stop) {
        void *made = new(&envoy, (text){ "life", 4 }, (text){ config, sizeof config });
        if (!made) { fprintf(stderr, "refused\n"); exit(3); }
        destroy(made);
    }
    return NULL;
}

static void *load(const char *path) {
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) { fprintf(stderr, "%s\n", dlerror()); exit(2); }
    const char *(*init)(void) = dlsym(module, "envoy_dynamic_module_on_program_init");
    if (!init || !init()) { fprintf(stderr, "%s does not start\n", path); exit(2); }
    return module;
}

int main(int count, char **arguments) {
    int seconds = atoi(arguments[1]);
    void *modules[8];
    pthread_t threads[16];
    int started = 0;
    for (int i = 2; i < count; i++) modules[i - 2] = load(arguments[i]);
    for (int i = 0; i < 2; i++) pthread_create(&threads[started++], NULL, allocate, NULL);
    for (int i = 2; i < count; i++) pthread_create(&threads[started++], NULL, configure, modules[i - 2]);
    sleep(seconds);
    stop = true;
    for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
    for (int i = 2; i < count; i++) dlclose(modules[i - 2]);
    /* Threads of the modules' runtimes live on: in memory that is gone, they would end the process. */
    sleep(1);
    char line[4096];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    for (int i = 2; i < count; i++) {
        rewind(maps);
        while (fgets(line, sizeof line, maps)) if (strstr(line, arguments[i])) { found++; break; }
    }
    fclose(maps);
    printf("%d still there\n", found);
    return 0;
}
