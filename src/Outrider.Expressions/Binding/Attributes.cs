using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Outrider.Expressions.Values;
using Outrider.Filters;

namespace Outrider.Expressions.Binding;

/// <summary>The attributes of MOSN's <c>pkg/cel/extract</c>, and where a stream has them. Those that come from Istio's control plane are known and not there.</summary>
internal static class Attributes
{
    private static readonly FrozenDictionary<string, (ValueKind Kind, Func<StreamContext, Value?> Find)> s_known = Known();

    /// <summary>The attribute of that name; null where there is none.</summary>
    internal static (ValueKind Kind, Func<StreamContext, Value?> Find)? Find(string name) => s_known.TryGetValue(name, out var found) ? found : null;

    /// <summary>Does an attribute's name begin with that one, as <c>request</c> does?</summary>
    internal static bool IsBeginning(string name) => s_known.Keys.Any(known => known.StartsWith(name + ".", StringComparison.Ordinal));

    private static FrozenDictionary<string, (ValueKind, Func<StreamContext, Value?>)> Known()
    {
        var known = new Dictionary<string, (ValueKind, Func<StreamContext, Value?>)>(StringComparer.Ordinal)
        {
            ["ctx"] = (ValueKind.Stream, static _ => Value.Context),
            ["origin.ip"] = (ValueKind.Address, static s => Address(s.DownstreamLocalAddress)),
            ["source.ip"] = (ValueKind.Address, static s => Address(s.DownstreamRemoteAddress)),
            ["destination.ip"] = (ValueKind.Address, static s => Address(s.UpstreamHost)),
            ["destination.port"] = (ValueKind.Integer, static s => IPEndPoint.TryParse(s.UpstreamHost ?? "", out var host) ? Value.Of((long)host.Port) : null),
            ["request.headers"] = (ValueKind.Map, static s => Headers(s.RequestHeaders)),
            ["request.host"] = (ValueKind.Text, static s => Text(s.RequestHeaders.AuthorityString)),
            ["request.id"] = (ValueKind.Text, static s => Text(s.RequestHeaders.GetString("x-request-id"u8))),
            ["request.method"] = (ValueKind.Text, static s => Text(s.RequestHeaders.MethodString)),
            ["request.path"] = (ValueKind.Text, static s => Text(System.Text.Encoding.Latin1.GetString(s.RequestHeaders.PathWithoutQuery))),
            ["request.url_path"] = (ValueKind.Text, static s => Text(s.RequestHeaders.PathString)),
            ["request.query_params"] = (ValueKind.Map, static s => Query(s.RequestHeaders.PathString)),
            ["request.referer"] = (ValueKind.Text, static s => Text(s.RequestHeaders.GetString("referer"u8))),
            ["request.scheme"] = (ValueKind.Text, static s => Text(System.Text.Encoding.Latin1.GetString(s.RequestHeaders.Scheme))),
            ["request.size"] = (ValueKind.Integer, static s => Value.Of(s.BytesReceived)),
            ["request.total_size"] = (ValueKind.Integer, static s => Value.Of(s.BytesReceived + Size(s.RequestHeaders))),
            ["request.time"] = (ValueKind.Time, static s => Value.Of(s.Timings.StartTime)),
            ["request.useragent"] = (ValueKind.Text, static s => Text(s.RequestHeaders.GetString("user-agent"u8))),
            ["response.code"] = (ValueKind.Integer, static s => Value.Of((long)s.ResponseCode)),
            ["response.duration"] = (ValueKind.Duration, static s => Value.Of(s.Timings.RequestFinished)),
            ["response.headers"] = (ValueKind.Map, static s => s.ResponseHeaders is { } headers ? Headers(headers) : null),
            ["response.size"] = (ValueKind.Integer, static s => Value.Of(s.BytesSent)),
            ["response.total_size"] = (ValueKind.Integer, static s => Value.Of(s.BytesSent + (s.ResponseHeaders is { } headers ? Size(headers) : 0))),
            ["response.time"] = (ValueKind.Time, static _ => Value.Of(DateTime.UtcNow)),
            ["response.grpc_status"] = (ValueKind.Text, static s => Text(s.ResponseHeaders?.GetString("grpc-status"u8))),
            ["response.grpc_message"] = (ValueKind.Text, static s => Text(s.ResponseHeaders?.GetString("grpc-message"u8))),
            ["connection.mtls"] = (ValueKind.Flag, static s => s.GetAttributeFlag("connection.mtls") is { } mutual ? Value.Of(mutual) : null),
            ["connection.requested_server_name"] = (ValueKind.Text, static s => Text(s.GetAttribute("connection.requested_server_name"))),
            ["context.protocol"] = (ValueKind.Text, static s => Value.Of(s.Protocol.StartsWith("HTTP/2", StringComparison.Ordinal) ? "h2" : "http")),
            ["context.time"] = (ValueKind.Time, static _ => Value.Of(DateTime.UtcNow)),
            ["context.timestamp"] = (ValueKind.Time, static _ => Value.Of(DateTime.UtcNow)),
            ["context.reporter.kind"] = (ValueKind.Text, static s => ServiceName(s, 0)),
            ["destination.service.host"] = (ValueKind.Text, static s => ServiceName(s, 3)),
            ["destination.service.name"] = (ValueKind.Text, static s => ServiceName(s, 4)),
            ["destination.service.namespace"] = (ValueKind.Text, static s => ServiceName(s, 5)),
        };
        Add(ValueKind.Text, "origin.uid origin.user request.reason source.uid source.user source.principal destination.uid destination.principal connection.event connection.id "
            + "context.proxy_error_code context.reporter.uid context.proxy_version api.service api.version api.operation api.protocol request.auth.principal request.auth.audiences "
            + "request.auth.presenter request.auth.raw_claims request.api_key rbac.permissive.response_code rbac.permissive.effective_policy_id check.error_message source.name "
            + "source.namespace source.owner source.serviceAccount source.services source.workload.uid source.workload.name source.workload.namespace destination.owner destination.name "
            + "destination.container.name destination.namespace destination.service.uid destination.serviceAccount destination.workload.uid destination.workload.name destination.workload.namespace");
        Add(ValueKind.Integer, "connection.received.bytes connection.received.bytes_total connection.sent.bytes connection.sent.bytes_total check.error_code");
        Add(ValueKind.Flag, "context.reporter.local check.cache_hit quota.cache_hit");
        Add(ValueKind.Duration, "connection.duration");
        Add(ValueKind.Map, "request.auth.claims source.labels source.metadata destination.labels destination.metadata");
        return known.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(ValueKind kind, string names)
        {
            foreach (string name in names.Split(' '))
            {
                known.Add(name, (kind, static _ => null));
            }
        }
    }

    private static Value? Text(string? text) => string.IsNullOrEmpty(text) ? null : Value.Of(text);

    private static Value? Address(string? endPoint) => IPEndPoint.TryParse(endPoint ?? "", out var address) ? Value.Of(address.Address) : null;

    private static Value Headers(HeaderMap headers) => Value.Of(headers.GetString);

    private static long Size(HeaderMap headers)
    {
        long size = 0;
        foreach (var field in headers)
        {
            size += field.Name.Length + field.Value.Length;
        }

        return size;
    }

    // Istio's names of clusters: outbound|80|v1|reviews.default.svc.cluster.local.
    private static Value? ServiceName(StreamContext stream, int part)
    {
        string[] parts = (stream.ClusterName ?? stream.Route?.ClusterName ?? "").Split('|');
        if (parts.Length != 4)
        {
            return null;
        }

        string[] service = parts[3].Split('.', 3);
        return part <= 3 ? Value.Of(parts[part]) : service.Length == 3 ? Value.Of(service[part - 4]) : Value.Of("");
    }

    // Of a name that repeats the first counts, as in MOSN.
    private static Value? Query(string path)
    {
        int question = path.IndexOf('?', StringComparison.Ordinal);
        if (question < 0 || question == path.Length - 1)
        {
            return null;
        }

        string query = path[(question + 1)..];
        return Value.Of(name =>
        {
            foreach (string pair in query.Split('&', ';'))
            {
                int equals = pair.IndexOf('=', StringComparison.Ordinal);
                if (pair.Length > 0 && WebUtility.UrlDecode(equals < 0 ? pair : pair[..equals]) == name)
                {
                    return equals < 0 ? "" : WebUtility.UrlDecode(pair[(equals + 1)..]);
                }
            }

            return null;
        });
    }
}
