// Hooks without which Envoy does not take a module, though ours have nothing to do in them.
uint32_t FILTER_HOOK(request_body)(void *stream, void *module, bool end) { return DATA_CONTINUE; }
uint32_t FILTER_HOOK(request_trailers)(void *stream, void *module) { return TRAILERS_CONTINUE; }
uint32_t FILTER_HOOK(response_body)(void *stream, void *module, bool end) { return DATA_CONTINUE; }
uint32_t FILTER_HOOK(response_trailers)(void *stream, void *module) { return TRAILERS_CONTINUE; }
void FILTER_HOOK(stream_complete)(void *stream, void *module) {}
void FILTER_HOOK(destroy)(void *module) {}
void FILTER_HOOK(scheduled)(void *stream, void *module, uint64_t event) {}
void FILTER_HOOK(config_scheduled)(void *host, void *module, uint64_t event) {}
void FILTER_HOOK(http_callout_done)(void *stream, void *module, uint64_t id, uint32_t result, header *headers, size_t count, buffer *chunks, size_t chunk_count) {}
void FILTER_HOOK(http_stream_headers)(void *stream, void *module, uint64_t id, header *headers, size_t count, bool end) {}
void FILTER_HOOK(http_stream_data)(void *stream, void *module, uint64_t id, buffer *chunks, size_t count, bool end) {}
void FILTER_HOOK(http_stream_trailers)(void *stream, void *module, uint64_t id, header *headers, size_t count) {}
void FILTER_HOOK(http_stream_complete)(void *stream, void *module, uint64_t id) {}
void FILTER_HOOK(http_stream_reset)(void *stream, void *module, uint64_t id, uint32_t reason) {}
void FILTER_HOOK(downstream_above_write_buffer_high_watermark)(void *stream, void *module) {}
void FILTER_HOOK(downstream_below_write_buffer_low_watermark)(void *stream, void *module) {}
