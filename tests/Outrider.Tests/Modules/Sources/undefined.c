// Refers to a function that no library has.
#include "envoy.h"

int no_such_function_anywhere(void);

const char *HOOK(program_init)(void) { return no_such_function_anywhere() ? "v0.2.0" : NULL; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)1; }
void *FILTER_HOOK(new)(void *module, void *stream) { return (void *)1; }
