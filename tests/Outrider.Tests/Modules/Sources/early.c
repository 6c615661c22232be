// Answers while it makes its filter, and has no other hook.
#include "envoy.h"

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)1; }

void *FILTER_HOOK(new)(void *module, void *stream) {
  CALLBACK(http_send_response)(stream, 403, NULL, 0, text("too early"), (buffer){ NULL, 0 });
  return (void *)1;
}
