// The least that is a module: everything else is taken as "continue".
#include "envoy.h"

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)1; }
void *FILTER_HOOK(new)(void *module, void *stream) { return (void *)1; }
