using System.Collections.Frozen;

namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>The names that configurations give to variables: MOSN's, and a few more. Any thread.</summary>
internal static class AccessLogVariables
{
    private static readonly FrozenDictionary<string, AccessLogVariable> s_names = new Dictionary<string, AccessLogVariable>(StringComparer.Ordinal)
    {
        ["start_time"] = AccessLogVariable.StartTime,
        ["request_received_duration"] = AccessLogVariable.RequestReceivedDuration,
        ["response_received_duration"] = AccessLogVariable.ResponseReceivedDuration,
        ["request_finished_duration"] = AccessLogVariable.RequestFinishedDuration,
        ["process_time_duration"] = AccessLogVariable.ProcessTimeDuration,
        ["duration"] = AccessLogVariable.Duration,
        ["bytes_sent"] = AccessLogVariable.BytesSent,
        ["bytes_received"] = AccessLogVariable.BytesReceived,
        ["protocol"] = AccessLogVariable.Protocol,
        ["downstream_protocol"] = AccessLogVariable.Protocol,
        ["upstream_protocol"] = AccessLogVariable.UpstreamProtocol,
        ["response_code"] = AccessLogVariable.ResponseCode,
        ["x-mosn-status"] = AccessLogVariable.ResponseCode,
        ["response_flag"] = AccessLogVariable.ResponseFlag,
        ["response_flags"] = AccessLogVariable.ResponseFlags,
        ["response_code_details"] = AccessLogVariable.ResponseCodeDetails,
        ["upstream_local_address"] = AccessLogVariable.UpstreamLocalAddress,
        ["downstream_local_address"] = AccessLogVariable.DownstreamLocalAddress,
        ["downstream_remote_address"] = AccessLogVariable.DownstreamRemoteAddress,
        ["downstream_direct_remote_address"] = AccessLogVariable.DownstreamDirectRemoteAddress,
        ["upstream_host"] = AccessLogVariable.UpstreamHost,
        ["upstream_transport_failure_reason"] = AccessLogVariable.UpstreamTransportFailureReason,
        ["upstream_cluster"] = AccessLogVariable.UpstreamCluster,
        ["requested_server_name"] = AccessLogVariable.RequestedServerName,
        ["route_name"] = AccessLogVariable.RouteName,
        ["listener_name"] = AccessLogVariable.ListenerName,
        ["listener_port"] = AccessLogVariable.ListenerPort,
        ["stream_id"] = AccessLogVariable.StreamId,
        ["connection_id"] = AccessLogVariable.ConnectionId,
        ["upstream_connection_id"] = AccessLogVariable.UpstreamConnectionId,
        ["request_id"] = AccessLogVariable.RequestId,
        ["trace_id"] = AccessLogVariable.TraceId,
        ["x-mosn-method"] = AccessLogVariable.Method,
        ["x-mosn-scheme"] = AccessLogVariable.Scheme,
        ["x-mosn-host"] = AccessLogVariable.Host,
        ["authority"] = AccessLogVariable.Host,
        ["x-mosn-path"] = AccessLogVariable.Path,
        ["x-mosn-path-original"] = AccessLogVariable.PathOriginal,
        ["x-mosn-querystring"] = AccessLogVariable.QueryString,
        ["request_method"] = AccessLogVariable.Method,
        ["request_scheme"] = AccessLogVariable.Scheme,
        ["request_path"] = AccessLogVariable.Path,
        ["request_path_original"] = AccessLogVariable.PathOriginal,
        ["request_arg"] = AccessLogVariable.QueryString,
        ["request_uri"] = AccessLogVariable.RequestUri,
        ["request_length"] = AccessLogVariable.RequestLength,
        ["tries"] = AccessLogVariable.Tries,
        ["grpc_status"] = AccessLogVariable.GrpcStatus,
        ["grpc_status_number"] = AccessLogVariable.GrpcStatusNumber,
        ["proxy_direct_response"] = AccessLogVariable.DirectResponse,
        ["end_reason"] = AccessLogVariable.EndReason,

        // What MOSN has for other protocols or for itself. A format that shows them loads, and shows a dash.
        ["protocol_config"] = AccessLogVariable.None,
        ["x-mosn-direction"] = AccessLogVariable.None,
        ["x-mosn-rpc-service"] = AccessLogVariable.None,
        ["x-mosn-rpc-method"] = AccessLogVariable.None,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly (string Prefix, AccessLogVariable Variable)[] s_prefixes =
    [
        ("request_header_", AccessLogVariable.RequestHeader),
        ("response_header_", AccessLogVariable.ResponseHeader),
        ("request_arg_", AccessLogVariable.RequestArgument),
        ("cookie_", AccessLogVariable.Cookie),
    ];

    /// <summary>Every name that stands for itself, without a prefix or a unit.</summary>
    internal static IEnumerable<string> Names => s_names.Keys;

    /// <summary>Finds a variable by its name, which may begin with MOSN's protocol (<c>Http1_request_method</c>).</summary>
    /// <param name="name">The name without percent signs.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="argument">What follows the prefix of <c>request_header_…</c> and its like; else empty.</param>
    public static bool TryFind(string name, out AccessLogVariable variable, out string argument)
    {
        if (name.StartsWith("Http1_", StringComparison.Ordinal) || name.StartsWith("Http2_", StringComparison.Ordinal))
        {
            string rest = name[6..];
            bool ofRequest = rest.StartsWith("request_", StringComparison.Ordinal) || rest.StartsWith("cookie_", StringComparison.Ordinal);
            name = ofRequest ? rest : "";
        }

        argument = "";
        if (s_names.TryGetValue(name, out variable))
        {
            return true;
        }

        // Durations in a unit of their own: duration_us, process_time_duration_ms.
        if ((name.EndsWith("duration_us", StringComparison.Ordinal) || name.EndsWith("duration_ms", StringComparison.Ordinal))
            && s_names.TryGetValue(name[..^3], out variable))
        {
            argument = name[^2..];
            return true;
        }

        foreach ((string prefix, AccessLogVariable prefixed) in s_prefixes)
        {
            if (name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal))
            {
                variable = prefixed;
                argument = name[prefix.Length..];
                return true;
            }
        }

        return false;
    }
}
