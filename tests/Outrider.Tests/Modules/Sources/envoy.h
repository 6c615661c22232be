// What the test modules need of the ABI, declared by hand from its documentation.
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { const char *data; size_t length; } buffer;
typedef struct { const char *name; size_t name_length; const char *value; size_t value_length; } header;

enum { REQUEST_HEADERS, REQUEST_TRAILERS, RESPONSE_HEADERS, RESPONSE_TRAILERS };
enum { RECEIVED_REQUEST, BUFFERED_REQUEST, RECEIVED_RESPONSE, BUFFERED_RESPONSE };
enum { HEADERS_CONTINUE, HEADERS_STOP, HEADERS_CONTINUE_OPEN, HEADERS_STOP_ALL_BUFFER, HEADERS_STOP_ALL_WATERMARK };
enum { DATA_CONTINUE, DATA_STOP_BUFFER, DATA_STOP_WATERMARK, DATA_STOP_NO_BUFFER };
enum { TRAILERS_CONTINUE, TRAILERS_STOP };

#define CALLBACK(name) envoy_dynamic_module_callback_##name
#define HOOK(name) envoy_dynamic_module_on_##name
#define FILTER_HOOK(name) envoy_dynamic_module_on_http_filter_##name

bool CALLBACK(http_get_header)(void *stream, uint32_t map, buffer name, buffer *value, size_t index, size_t *count);
size_t CALLBACK(http_get_headers_size)(void *stream, uint32_t map);
bool CALLBACK(http_get_headers)(void *stream, uint32_t map, header *headers);
bool CALLBACK(http_set_header)(void *stream, uint32_t map, buffer name, buffer value);
bool CALLBACK(http_add_header)(void *stream, uint32_t map, buffer name, buffer value);
size_t CALLBACK(http_get_body_size)(void *stream, uint32_t body);
size_t CALLBACK(http_get_body_chunks_size)(void *stream, uint32_t body);
bool CALLBACK(http_get_body_chunks)(void *stream, uint32_t body, buffer *chunks);
bool CALLBACK(http_append_body)(void *stream, uint32_t body, buffer data);
bool CALLBACK(http_drain_body)(void *stream, uint32_t body, size_t count);
void CALLBACK(http_send_response)(void *stream, uint32_t status, header *headers, size_t count, buffer body, buffer details);
void CALLBACK(http_send_response_headers)(void *stream, header *headers, size_t count, bool end);
void CALLBACK(http_send_response_data)(void *stream, buffer data, bool end);
void CALLBACK(http_send_response_trailers)(void *stream, header *headers, size_t count);
void CALLBACK(http_filter_continue_decoding)(void *stream);
void CALLBACK(http_filter_continue_encoding)(void *stream);
void CALLBACK(http_clear_route_cache)(void *stream);
void CALLBACK(http_filter_reset_stream)(void *stream, uint32_t reason, buffer details);
void *CALLBACK(http_filter_scheduler_new)(void *stream);
void CALLBACK(http_filter_scheduler_commit)(void *scheduler, uint64_t event);
void CALLBACK(http_filter_scheduler_delete)(void *scheduler);
void CALLBACK(http_set_dynamic_metadata_string)(void *stream, buffer space, buffer key, buffer value);
bool CALLBACK(http_get_metadata_string)(void *stream, uint32_t source, buffer space, buffer key, buffer *value);
bool CALLBACK(http_set_filter_state_bytes)(void *stream, buffer key, buffer value);
bool CALLBACK(http_get_filter_state_bytes)(void *stream, buffer key, buffer *value);
bool CALLBACK(http_filter_get_attribute_string)(void *stream, uint32_t attribute, buffer *value);
bool CALLBACK(http_filter_get_attribute_int)(void *stream, uint32_t attribute, uint64_t *value);
uint32_t CALLBACK(http_filter_config_define_counter)(void *config, buffer name, buffer *labels, size_t count, size_t *id);
uint32_t CALLBACK(http_filter_increment_counter)(void *stream, size_t id, buffer *labels, size_t count, uint64_t value);
uint32_t CALLBACK(http_filter_http_callout)(void *stream, uint64_t *id, buffer cluster, header *headers, size_t count, buffer body, uint64_t timeout);
void CALLBACK(log)(uint32_t level, buffer message);

static buffer text(const char *chars) { return (buffer){ chars, strlen(chars) }; }
