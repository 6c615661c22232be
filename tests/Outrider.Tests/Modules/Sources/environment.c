// Answers with a variable of the environment: as C sees it, and as Go does, from what lies behind the program's arguments.
#include "envoy.h"

static char *first[256];

// The loader hands a library the arguments that the process was started with.
__attribute__((constructor)) static void begin(int count, char **arguments) {
  char **all = arguments + count + 1;
  for (int i = 0; i < 255 && all[i]; i++) first[i] = all[i];
}

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return strndup(name.data, name.length); }
void FILTER_HOOK(config_destroy)(void *module) { free(module); }
void *FILTER_HOOK(new)(void *module, void *stream) { return module; }
void FILTER_HOOK(destroy)(void *module) { }

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  char said[512];
  const char *c = getenv(module), *go = "-";
  size_t length = strlen(module);
  for (int i = 0; first[i]; i++)
    if (strncmp(first[i], module, length) == 0 && first[i][length] == '=') go = first[i] + length + 1;
  snprintf(said, sizeof said, "%s %s", c ? c : "-", go);
  CALLBACK(http_send_response)(stream, 200, NULL, 0, text(said), text("environment"));
  return HEADERS_STOP;
}
