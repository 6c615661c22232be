namespace Outrider.StockFilters.Stats;

/// <summary>Istio's standard metrics and labels, in MOSN's expressions.</summary>
internal static class IstioDefaults
{
    // A counter of requests counts one for each; MOSN's adds up their bytes.
    internal static MetricDefinition[] Definitions { get; } =
    [
        new() { Name = "requests_total", Value = "1", Type = "COUNTER" },
        new() { Name = "request_duration_milliseconds", Value = """response.duration | "0" """, Type = "HISTOGRAM" },
        new() { Name = "request_bytes", Value = "request.size | 0", Type = "HISTOGRAM" },
        new() { Name = "response_bytes", Value = "response.size | 0", Type = "HISTOGRAM" },
    ];

    internal static MetricConfig[] Metrics { get; } =
    [
        new()
        {
            Dimensions = new()
            {
                ["reporter"] = """conditional((context.reporter.kind | "inbound") == "outbound", "source", "destination")""",
                ["source_workload"] = """source.workload.name | "unknown" """,
                ["source_workload_namespace"] = """source.workload.namespace | "unknown" """,
                ["source_principal"] = """source.principal | "unknown" """,
                ["source_app"] = """source.labels["app"] | "unknown" """,
                ["source_version"] = """source.labels["version"] | "unknown" """,
                ["destination_workload"] = """destination.workload.name | "unknown" """,
                ["destination_workload_namespace"] = """destination.workload.namespace | "unknown" """,
                ["destination_principal"] = """destination.principal | "unknown" """,
                ["destination_app"] = """destination.labels["app"] | "unknown" """,
                ["destination_version"] = """destination.labels["version"] | "unknown" """,
                ["destination_service"] = """destination.service.host | "unknown" """,
                ["destination_service_name"] = """destination.service.name | "unknown" """,
                ["destination_service_namespace"] = """destination.service.namespace | "unknown" """,
                ["request_protocol"] = """api.protocol | context.protocol | "unknown" """,
                ["response_code"] = "response.code | 200",
                ["connection_security_policy"] = """conditional((context.reporter.kind | "inbound") == "outbound", "unknown", conditional(connection.mtls | false, "mutual_tls", "none"))""",
                ["response_flags"] = """context.proxy_error_code | "-" """,
            },
        },
    ];
}
