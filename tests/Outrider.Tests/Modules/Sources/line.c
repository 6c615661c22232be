// Sets the header that x-name names to x-value, or asks the cluster "up" with method, path and host; answers with 1 where that was taken.
#include "envoy.h"

const char *HOOK(program_init)(void) { return "v0.2.0"; }
void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) { return (void *)1; }
void *FILTER_HOOK(new)(void *module, void *stream) { return (void *)1; }

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  buffer name, value, method = text("GET"), path = text("/asked"), host = text("up");
  if (!CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text("x-name"), &name, 0, NULL)) return HEADERS_CONTINUE;
  if (!CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text("x-value"), &value, 0, NULL)) value = text("");
  bool taken;
  if (name.length > 8 && memcmp(name.data, "callout-", 8) == 0) {
    if (name.data[8] == 'm') method = value; else if (name.data[8] == 'p') path = value; else host = value;
    header head[] = { { ":method", 7, method.data, method.length }, { ":path", 5, path.data, path.length }, { "host", 4, host.data, host.length } };
    uint64_t id;
    taken = CALLBACK(http_filter_http_callout)(stream, &id, text("up"), head, 3, (buffer){ NULL, 0 }, 1000) == 0;
  } else {
    taken = CALLBACK(http_set_header)(stream, REQUEST_HEADERS, name, value);
  }
  CALLBACK(http_send_response)(stream, 200, NULL, 0, text(taken ? "taken" : "refused"), text(""));
  return HEADERS_STOP;
}

#include "unused.h"
