// A module that calls what no host of ours has.
#include "envoy.h"

void CALLBACK(http_read_minds)(void *stream);
void CALLBACK(http_stop_time)(void *stream);

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)1; }
void *FILTER_HOOK(new)(void *module, void *stream) { CALLBACK(http_read_minds)(stream); CALLBACK(http_stop_time)(stream); return (void *)1; }
