namespace Outrider.Modules.Abi;

/// <summary>
/// The functions that a module exports. What a signature's words mean: <c>envoy</c> and <c>module</c> are the two sides' opaque
/// pointers to the same thing; <c>name</c> and <c>config</c> are <see cref="EnvoyBuffer"/> by value; a <c>bool</c> is one byte.
/// </summary>
internal static class HookNames
{
    /// <summary><c>const char* ()</c>: the ABI version, or null to refuse.</summary>
    public const string ProgramInit = "envoy_dynamic_module_on_program_init";

    /// <summary><c>module (envoy config, name, config)</c>: null to reject the configuration.</summary>
    public const string ConfigNew = "envoy_dynamic_module_on_http_filter_config_new";

    /// <summary><c>void (module config)</c>.</summary>
    public const string ConfigDestroy = "envoy_dynamic_module_on_http_filter_config_destroy";

    /// <summary><c>uint32 (module config)</c>: <see cref="FilterNeeds"/>. Not of Envoy's ABI: a host that knows of it calls fewer hooks.</summary>
    public const string ConfigNeeds = "outrider_module_on_http_filter_config_needs";

    /// <summary><c>module (name, config)</c>: null to reject the configuration.</summary>
    public const string RouteConfigNew = "envoy_dynamic_module_on_http_filter_per_route_config_new";

    /// <summary><c>void (module route config)</c>.</summary>
    public const string RouteConfigDestroy = "envoy_dynamic_module_on_http_filter_per_route_config_destroy";

    /// <summary><c>module (module config, envoy filter)</c>: null closes the stream.</summary>
    public const string FilterNew = "envoy_dynamic_module_on_http_filter_new";

    /// <summary><c>HeadersStatus (envoy, module, bool end)</c>.</summary>
    public const string RequestHeaders = "envoy_dynamic_module_on_http_filter_request_headers";

    /// <summary><c>DataStatus (envoy, module, bool end)</c>.</summary>
    public const string RequestBody = "envoy_dynamic_module_on_http_filter_request_body";

    /// <summary><c>TrailersStatus (envoy, module)</c>.</summary>
    public const string RequestTrailers = "envoy_dynamic_module_on_http_filter_request_trailers";

    /// <summary><c>HeadersStatus (envoy, module, bool end)</c>.</summary>
    public const string ResponseHeaders = "envoy_dynamic_module_on_http_filter_response_headers";

    /// <summary><c>DataStatus (envoy, module, bool end)</c>.</summary>
    public const string ResponseBody = "envoy_dynamic_module_on_http_filter_response_body";

    /// <summary><c>TrailersStatus (envoy, module)</c>.</summary>
    public const string ResponseTrailers = "envoy_dynamic_module_on_http_filter_response_trailers";

    /// <summary><c>void (envoy, module)</c>.</summary>
    public const string StreamComplete = "envoy_dynamic_module_on_http_filter_stream_complete";

    /// <summary><c>void (module)</c>: the last call for a filter.</summary>
    public const string FilterDestroy = "envoy_dynamic_module_on_http_filter_destroy";

    /// <summary><c>void (envoy, module, uint64 event)</c>.</summary>
    public const string Scheduled = "envoy_dynamic_module_on_http_filter_scheduled";

    /// <summary><c>void (envoy config, module config, uint64 event)</c>.</summary>
    public const string ConfigScheduled = "envoy_dynamic_module_on_http_filter_config_scheduled";

    /// <summary><c>void (envoy, module, uint64 id, CalloutResult, EnvoyHeader*, size_t, EnvoyBuffer*, size_t)</c>.</summary>
    public const string CalloutDone = "envoy_dynamic_module_on_http_filter_http_callout_done";

    /// <summary><c>void (envoy, module)</c>.</summary>
    public const string DownstreamAboveHighWatermark = "envoy_dynamic_module_on_http_filter_downstream_above_write_buffer_high_watermark";

    /// <summary><c>void (envoy, module)</c>.</summary>
    public const string DownstreamBelowLowWatermark = "envoy_dynamic_module_on_http_filter_downstream_below_write_buffer_low_watermark";

    /// <summary><c>LocalReplyStatus (envoy, module, uint32 status, EnvoyBuffer details, bool reset_imminent)</c>.</summary>
    public const string LocalReply = "envoy_dynamic_module_on_http_filter_local_reply";

    /// <summary><c>void (envoy, module, uint64 id, EnvoyHeader*, size_t, bool end)</c>.</summary>
    public const string CalloutHeaders = "envoy_dynamic_module_on_http_filter_http_stream_headers";

    /// <summary><c>void (envoy, module, uint64 id, EnvoyBuffer*, size_t, bool end)</c>.</summary>
    public const string CalloutData = "envoy_dynamic_module_on_http_filter_http_stream_data";

    /// <summary><c>void (envoy, module, uint64 id, EnvoyHeader*, size_t)</c>.</summary>
    public const string CalloutTrailers = "envoy_dynamic_module_on_http_filter_http_stream_trailers";

    /// <summary><c>void (envoy, module, uint64 id)</c>.</summary>
    public const string CalloutComplete = "envoy_dynamic_module_on_http_filter_http_stream_complete";

    /// <summary><c>void (envoy, module, uint64 id, CalloutResetReason)</c>.</summary>
    public const string CalloutReset = "envoy_dynamic_module_on_http_filter_http_stream_reset";

    /// <summary><c>as CalloutDone, with a configuration for the stream</c>.</summary>
    public const string ConfigCalloutDone = "envoy_dynamic_module_on_http_filter_config_http_callout_done";

    /// <summary><c>as CalloutHeaders, with a configuration for the stream</c>.</summary>
    public const string ConfigCalloutHeaders = "envoy_dynamic_module_on_http_filter_config_http_stream_headers";

    /// <summary><c>as CalloutData, with a configuration for the stream</c>.</summary>
    public const string ConfigCalloutData = "envoy_dynamic_module_on_http_filter_config_http_stream_data";

    /// <summary><c>as CalloutTrailers, with a configuration for the stream</c>.</summary>
    public const string ConfigCalloutTrailers = "envoy_dynamic_module_on_http_filter_config_http_stream_trailers";

    /// <summary><c>as CalloutComplete, with a configuration for the stream</c>.</summary>
    public const string ConfigCalloutComplete = "envoy_dynamic_module_on_http_filter_config_http_stream_complete";

    /// <summary><c>as CalloutReset, with a configuration for the stream</c>.</summary>
    public const string ConfigCalloutReset = "envoy_dynamic_module_on_http_filter_config_http_stream_reset";
}
