// One filter for each thing that a module may ask of its stream; what it hears it writes into a header.
#include "envoy.h"

typedef struct { int64_t values[19]; bool known[19]; } timing;

bool CALLBACK(get_runtime_bool)(buffer key, bool fallback);
uint64_t CALLBACK(get_runtime_int)(buffer key, uint64_t fallback);
double CALLBACK(get_runtime_number)(buffer key, double fallback);
size_t CALLBACK(http_filter_config_generic_secret_subscribe)(void *config, buffer name, buffer source);
bool CALLBACK(http_filter_config_get_generic_secret)(void *config, size_t id, buffer *secret);
bool CALLBACK(http_filter_get_generic_secret)(void *stream, size_t id, buffer *secret);
void CALLBACK(http_get_timing_info)(void *stream, timing *result);
bool CALLBACK(http_get_upstream_remote_address)(void *stream, buffer *address);
bool CALLBACK(http_get_downstream_direct_remote_address)(void *stream, buffer *address);
size_t CALLBACK(http_get_upstream_hosts_attempted_size)(void *stream);
bool CALLBACK(http_get_upstream_hosts_attempted)(void *stream, buffer *hosts);
uint64_t CALLBACK(http_get_upstream_connection_id)(void *stream);
size_t CALLBACK(http_get_upstream_connection_ids_attempted_size)(void *stream);
bool CALLBACK(http_get_upstream_connection_ids_attempted)(void *stream, uint64_t *ids);
void CALLBACK(http_span_set_tag_batch)(void *span, header *tags, size_t count);
void CALLBACK(http_set_dynamic_metadata_struct)(void *stream, buffer space, buffer message);
void CALLBACK(http_set_dynamic_typed_metadata)(void *stream, buffer space, buffer message);
bool CALLBACK(http_get_typed_metadata)(void *stream, uint32_t source, buffer space, buffer *type, buffer *value);
bool CALLBACK(http_get_metadata_number)(void *stream, uint32_t source, buffer space, buffer key, double *value);
bool CALLBACK(http_get_metadata_bool)(void *stream, uint32_t source, buffer space, buffer key, bool *value);
bool CALLBACK(http_get_metadata_list_string)(void *stream, uint32_t source, buffer space, buffer key, size_t index, buffer *value);
size_t CALLBACK(http_get_metadata_keys_count)(void *stream, uint32_t source, buffer space);
bool CALLBACK(http_filter_get_attribute_bool)(void *stream, uint32_t attribute, bool *value);
bool CALLBACK(http_has_filter_state)(void *stream, buffer key);
bool CALLBACK(http_set_filter_state_value)(void *stream, buffer key, buffer value, uint32_t life, uint32_t sharing);
bool CALLBACK(http_set_filter_state_object)(void *stream, buffer key, void *object, void (*destroy)(void *), uint32_t life);
void *CALLBACK(http_get_filter_state_object)(void *stream, buffer key);

bool CALLBACK(http_get_header_values)(void *stream, uint32_t map, buffer name, buffer *values);
uint32_t CALLBACK(get_concurrency)(void);
uint32_t CALLBACK(http_filter_get_worker_index)(void *stream);

static int live_objects;
int stream_live_objects(void) { return __atomic_load_n(&live_objects, __ATOMIC_SEQ_CST); }

static void *new_object(void) {
  __atomic_add_fetch(&live_objects, 1, __ATOMIC_SEQ_CST);
  return malloc(8);
}

static void destroy_object(void *object) {
  free(object);
  __atomic_sub_fetch(&live_objects, 1, __ATOMIC_SEQ_CST);
}

typedef struct { void *host; size_t counter; char name[64]; char said[512]; } config;

const char *HOOK(program_init)(void) { return "v0.2.0"; }

void *FILTER_HOOK(config_new)(void *host, buffer name, buffer bytes) {
  config *c = calloc(1, sizeof *c);
  memcpy(c->name, name.data, name.length < 63 ? name.length : 63);
  c->host = host;
  buffer label = text("a-label");
  CALLBACK(http_filter_config_define_counter)(host, text("1st.stream"), &label, 1, &c->counter);
  buffer secret = { NULL, 0 };
  size_t id = CALLBACK(http_filter_config_generic_secret_subscribe)(host, text("token"), text("{}"));
  snprintf(c->said, sizeof c->said, "%zu %d", id, CALLBACK(http_filter_config_get_generic_secret)(host, id, &secret));
  return c;
}

void FILTER_HOOK(config_destroy)(void *module) { free(module); }
void *FILTER_HOOK(new)(void *module, void *stream) { return module; }

static bool is(config *c, const char *name) { return strcmp(c->name, name) == 0; }

static void say(void *stream, uint32_t map, config *c, const char *said) {
  char named[600];
  snprintf(named, sizeof named, "%s: %s", c->name, said);
  CALLBACK(http_add_header)(stream, map, text("x-said"), text(named));
}

uint32_t FILTER_HOOK(request_headers)(void *stream, void *module, bool end) {
  config *c = module;
  char said[512] = "";
  if (is(c, "runtime")) {
    snprintf(said, sizeof said, "%d %d %llu %g", CALLBACK(get_runtime_bool)(text("a"), true), CALLBACK(get_runtime_bool)(text("a"), false),
             (unsigned long long)CALLBACK(get_runtime_int)(text("b"), UINT64_MAX), CALLBACK(get_runtime_number)(text("c"), 2.5));
  }
  if (is(c, "secrets")) {
    buffer secret;
    snprintf(said, sizeof said, "%s %d", c->said, CALLBACK(http_filter_get_generic_secret)(stream, 1, &secret));
  }
  if (is(c, "span")) {
    header tag = { "a", 1, "b", 1 };
    CALLBACK(http_span_set_tag_batch)(NULL, &tag, 1);
    strcpy(said, "nothing happened");
  }
  if (is(c, "struct")) {
    // {"n": 1.5, "s": "text", "b": true, "l": ["one", "two"], "o": {"k": null}}
    static const char bytes[] = "\x0a\x0e\x0a\x01n\x12\x09\x11\x00\x00\x00\x00\x00\x00\xf8\x3f"
                                "\x0a\x0b\x0a\x01s\x12\x06\x1a\x04text"
                                "\x0a\x07\x0a\x01" "b\x12\x02\x20\x01"
                                "\x0a\x15\x0a\x01l\x12\x10\x32\x0e\x0a\x05\x1a\x03one\x0a\x05\x1a\x03two"
                                "\x0a\x10\x0a\x01o\x12\x0b\x2a\x09\x0a\x07\x0a\x01k\x12\x02\x08\x00";
    CALLBACK(http_set_dynamic_metadata_struct)(stream, text("space"), (buffer){ bytes, sizeof bytes - 1 });
    CALLBACK(http_set_dynamic_metadata_struct)(stream, text("space"), (buffer){ "\x0a\xff not a message", 16 });
    double number = 0;
    bool flag = false;
    buffer string = { "", 0 }, second = { "", 0 }, nested = { "", 0 };
    CALLBACK(http_get_metadata_number)(stream, 0, text("space"), text("n"), &number);
    CALLBACK(http_get_metadata_bool)(stream, 0, text("space"), text("b"), &flag);
    CALLBACK(http_get_metadata_string)(stream, 0, text("space"), text("s"), &string);
    CALLBACK(http_get_metadata_list_string)(stream, 0, text("space"), text("l"), 1, &second);
    bool is_string = CALLBACK(http_get_metadata_string)(stream, 0, text("space"), text("o"), &nested);
    snprintf(said, sizeof said, "%g %d %.*s %.*s %d %zu", number, flag, (int)string.length, string.data, (int)second.length, second.data, is_string,
             CALLBACK(http_get_metadata_keys_count)(stream, 0, text("space")));
  }
  if (is(c, "typed")) {
    buffer type = { "", 0 }, value = { "", 0 };
    bool before = CALLBACK(http_get_typed_metadata)(stream, 0, text("space"), &type, &value);
    CALLBACK(http_set_dynamic_typed_metadata)(stream, text("space"), text("\x0a\x06" "a/Type" "\x12\x05" "bytes"));
    CALLBACK(http_set_dynamic_typed_metadata)(stream, text("space"), text("\x0a\x7f"));
    bool after = CALLBACK(http_get_typed_metadata)(stream, 0, text("space"), &type, &value);
    bool elsewhere = CALLBACK(http_get_typed_metadata)(stream, 1, text("space"), &type, &value);
    snprintf(said, sizeof said, "%d %d %d %.*s %.*s", before, after, elsewhere, (int)type.length, type.data, (int)value.length, value.data);
  }
  if (is(c, "state")) {
    buffer value = { "", 0 };
    bool before = CALLBACK(http_has_filter_state)(stream, text("key"));
    bool set = CALLBACK(http_set_filter_state_value)(stream, text("key"), text("value"), 1, 0);
    bool connection = CALLBACK(http_set_filter_state_value)(stream, text("other"), text("value"), 2, 0);
    CALLBACK(http_get_filter_state_bytes)(stream, text("key"), &value);
    snprintf(said, sizeof said, "%d %d %d %d %d %.*s", before, set, connection, CALLBACK(http_has_filter_state)(stream, text("key")),
             CALLBACK(http_has_filter_state)(stream, text("other")), (int)value.length, value.data);
  }
  if (is(c, "objects")) {
    void *first = new_object(), *second = new_object();
    bool set = CALLBACK(http_set_filter_state_object)(stream, text("key"), first, destroy_object, 0);
    bool got = CALLBACK(http_get_filter_state_object)(stream, text("key")) == first;
    bool other_life = CALLBACK(http_set_filter_state_object)(stream, text("key"), new_object(), destroy_object, 1);
    bool connection = CALLBACK(http_set_filter_state_object)(stream, text("connection"), new_object(), destroy_object, 2);
    bool again = CALLBACK(http_set_filter_state_object)(stream, text("key"), second, destroy_object, 0);
    bool bytes = CALLBACK(http_set_filter_state_bytes)(stream, text("key"), text("value"));
    bool replaced = CALLBACK(http_get_filter_state_object)(stream, text("key")) == second;
    snprintf(said, sizeof said, "%d %d %d %d %d %d %d %d %d", set, got, other_life, connection, again, bytes, replaced,
             CALLBACK(http_has_filter_state)(stream, text("key")), CALLBACK(http_get_filter_state_object)(stream, text("none")) != NULL);
  }
  if (is(c, "values")) {
    size_t count = 0;
    buffer first, values[4] = { { "nothing", 7 } };
    CALLBACK(http_get_header)(stream, REQUEST_HEADERS, text("host"), &first, 0, &count);
    if (count <= 4) CALLBACK(http_get_header_values)(stream, REQUEST_HEADERS, text("host"), values);
    snprintf(said, sizeof said, "%zu %.*s", count, (int)values[0].length, values[0].data);
  }
  if (is(c, "late-metric")) {
    size_t id = 77;
    snprintf(said, sizeof said, "%u %zu", CALLBACK(http_filter_config_define_counter)(c->host, text("late"), NULL, 0, &id), id);
  }
  if (is(c, "labels")) {
    buffer labels[] = { text("\xff"), text("\xfe"), { "a\0b", 3 }, { "a?b", 3 } };
    for (int i = 0; i < 4; i++) CALLBACK(http_filter_increment_counter)(stream, c->counter, &labels[i], 1, 1);
  }
  if (is(c, "workers")) {
    snprintf(said, sizeof said, "%d %d", CALLBACK(get_concurrency)() >= 5, CALLBACK(http_filter_get_worker_index)(stream) < CALLBACK(get_concurrency)());
  }
  if (is(c, "nobody")) {
    // Addresses that lead nowhere, and lengths that no memory has.
    buffer none = { NULL, 5 }, huge = { "x", SIZE_MAX }, got = { "", 0 };
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, huge, text("v"));
    CALLBACK(http_set_header)(stream, REQUEST_HEADERS, text("x-huge"), huge);
    CALLBACK(http_get_header)(stream, REQUEST_HEADERS, none, &got, 0, NULL);
    CALLBACK(http_set_dynamic_metadata_struct)(stream, none, huge);
    CALLBACK(http_set_dynamic_typed_metadata)(stream, none, none);
    CALLBACK(http_set_filter_state_value)(stream, huge, huge, 0, 0);
    CALLBACK(http_append_body)(stream, BUFFERED_REQUEST, huge);
    CALLBACK(http_append_body)(stream, BUFFERED_REQUEST, none);
    CALLBACK(log)(4, huge);
    CALLBACK(log)(99, none);
    strcpy(said, "still here");
  }
  if (said[0]) say(stream, REQUEST_HEADERS, c, said);
  return HEADERS_CONTINUE;
}

uint32_t FILTER_HOOK(response_headers)(void *stream, void *module, bool end) {
  config *c = module;
  char said[512] = "";
  if (is(c, "timing")) {
    timing t;
    CALLBACK(http_get_timing_info)(stream, &t);
    // start, first upstream byte sent and received; the handshake is not known, the end is not there yet.
    snprintf(said, sizeof said, "%d %d %d %d %d %lld %lld", t.known[0] && t.values[0] > 1700000000000000000ll, t.known[9] && t.values[9] > 0,
             t.known[11] && t.values[11] >= t.values[9], t.known[2], t.known[17], (long long)t.values[2], (long long)t.values[17]);
  }
  if (is(c, "hosts")) {
    buffer upstream = { "", 0 }, client = { "", 0 }, hosts[8];
    size_t count = CALLBACK(http_get_upstream_hosts_attempted_size)(stream);
    CALLBACK(http_get_upstream_hosts_attempted)(stream, hosts);
    CALLBACK(http_get_upstream_remote_address)(stream, &upstream);
    CALLBACK(http_get_downstream_direct_remote_address)(stream, &client);
    for (size_t i = 0; i < count; i++) snprintf(said + strlen(said), sizeof said - strlen(said), "%.*s ", (int)hosts[i].length, hosts[i].data);
    uint64_t ids[8];
    snprintf(said + strlen(said), sizeof said - strlen(said), "%.*s %.*s %llu %zu %d", (int)upstream.length, upstream.data, (int)client.length, client.data,
             (unsigned long long)CALLBACK(http_get_upstream_connection_id)(stream), CALLBACK(http_get_upstream_connection_ids_attempted_size)(stream),
             CALLBACK(http_get_upstream_connection_ids_attempted)(stream, ids));
  }
  if (is(c, "tls")) {
    // The client's connection from its server name to the digest, then the upstream's from its version to the digest.
    for (uint32_t i = 30; i <= 50; i++) {
      buffer value = { "", 0 };
      if (i > 38 && i < 43) continue;
      CALLBACK(http_filter_get_attribute_string)(stream, i, &value);
      snprintf(said + strlen(said), sizeof said - strlen(said), "%.*s|", value.length > 40 ? 8 : (int)value.length, value.data);
    }
    bool mtls = false;
    uint64_t first = 0, second = 0;
    CALLBACK(http_filter_get_attribute_bool)(stream, 29, &mtls);
    CALLBACK(http_filter_get_attribute_int)(stream, 28, &first);
    CALLBACK(http_filter_get_attribute_int)(stream, 28, &second);
    snprintf(said + strlen(said), sizeof said - strlen(said), "%d %d", mtls, first > 0 && first == second);
  }
  if (is(c, "numbers")) {
    static const uint32_t ids[] = { 15, 17, 18, 53 }; // response.code, response.flags, response.grpc_status, upstream.request_attempt_count
    for (int i = 0; i < 4; i++) {
      uint64_t value = 0;
      bool known = CALLBACK(http_filter_get_attribute_int)(stream, ids[i], &value);
      snprintf(said + strlen(said), sizeof said - strlen(said), known ? "%llu " : "- ", (unsigned long long)value);
    }
  }
  if (said[0]) say(stream, RESPONSE_HEADERS, c, said);
  return HEADERS_CONTINUE;
}

#include "unused.h"
