using System.Globalization;
using System.Text;

namespace Outrider.Tests.Envoy;

/// <summary>Writes configurations for Envoy.</summary>
internal static class EnvoyYaml
{
    internal static string Struct(string json) => $"{{ \"@type\": type.googleapis.com/google.protobuf.Struct, value: {json} }}";

    internal static string Text(string text) => $"{{ \"@type\": type.googleapis.com/google.protobuf.StringValue, value: \"{text}\" }}";

    internal static string Bytes(byte[] bytes) => $"{{ \"@type\": type.googleapis.com/google.protobuf.BytesValue, value: \"{Convert.ToBase64String(bytes)}\" }}";

    /// <summary>One filter of a module, as an entry of <c>http_filters</c> on one line.</summary>
    internal static string Filter(string module, string filter, string? config = null, string name = "f") => string.Create(CultureInfo.InvariantCulture,
        $$"""{ name: {{name}}, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter, dynamic_module_config: { name: {{module}} }, filter_name: {{filter}}{{(config is null ? "" : ", filter_config: " + config)}} } }""");

    /// <summary>What a route says of a filter.</summary>
    internal static string RouteFilter(string module, string filter, string config, string name = "f") => string.Create(CultureInfo.InvariantCulture,
        $$"""typed_per_filter_config: { {{name}}: { "@type": type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilterPerRoute, dynamic_module_config: { name: {{module}} }, per_route_config_name: {{filter}}, filter_config: {{config}} } }""");

    /// <summary>A cluster of one host, whose trailers Envoy hands on.</summary>
    internal static string Cluster(string name, int port) => string.Create(CultureInfo.InvariantCulture,
        $$"""{ name: {{name}}, type: STATIC, connect_timeout: 20s, typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: { enable_trailers: true } } } }, load_assignment: { cluster_name: {{name}}, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } } ] } ] } }""");

    /// <summary>A cluster whose HTTP/1 trailers Envoy keeps, which is a setting of each codec of its.</summary>
    internal static string ClusterWithTrailers(string name, int port)
        => Cluster(name, port)[..^2] + """, typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: { enable_trailers: true } } } } }""";

    /// <summary>An access log that goes to Envoy's own output, one line a request: a setting of a listener.</summary>
    internal static string AccessLog(string format)
        => $"access_log: [ {{ name: a, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StderrAccessLog, log_format: {{ text_format_source: {{ inline_string: \"{format}\\n\" }} }} }} }} ]";

    /// <summary>A listener, without the key before it.</summary>
    internal static string Listener(int port, IEnumerable<string> filters, string? routes = null, string name = "l", string? more = null)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            name: {{name}}
              address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } }
              per_connection_buffer_limit_bytes: 1048576
              filter_chains:
              - filters:
                - name: envoy.filters.network.http_connection_manager
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                    stat_prefix: in{{(more is null ? "" : "\n        " + more)}}
                    codec_type: AUTO
                    http_protocol_options: { enable_trailers: true }
                    route_config: { name: rc, virtual_hosts: [ { name: all, domains: ["*"], routes: [ {{routes ?? "{ name: main, match: { prefix: \"/\" }, route: { cluster: up } }"}} ] } ] }
                    http_filters:

            """);
        foreach (string filter in filters)
        {
            text.Append("        - ").AppendLine(filter);
        }

        text.AppendLine("        - { name: envoy.filters.http.router, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }");
        return text.ToString();
    }
}
