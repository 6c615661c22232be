using System.Globalization;
using System.Text;
using Outrider.Http.V2.Framing;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Logging;

namespace Outrider.Tests.Http.V2;

/// <summary>The same requests by HTTP/2 through this proxy, nginx and Envoy, all in front of the same upstream of HTTP/1: what arrives there, and what comes back.</summary>
public sealed class Http2DifferentialTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-empty:\r\nx-name: Caf\u00e9\r\nkeep-alive: timeout=5\r\n";

    // Fields that each proxy writes itself.
    private static readonly string[] s_own =
        ["host", "connection", "content-length", "transfer-encoding", "te", "via", "server", "date", "x-request-id", "x-forwarded-for", "x-forwarded-proto", "x-envoy-expected-rq-timeout-ms", "x-envoy-upstream-service-time"];

    private static readonly (string, string)[][] s_good =
    [
        [("x-mine", "1"), ("X-Mine".ToLowerInvariant(), "2")],
        [("cookie", "a=1"), ("cookie", "b=2"), ("cookie", "c=3")],
        [("accept", "*/*"), ("accept-encoding", "gzip, br"), ("user-agent", "Test/1 (x; y)")],
        [("te", "trailers"), ("x-long", new string('v', 4000))],
        [("x-text", "caf\u00e9"), ("x-quoted", "\"a, b\"; c=d"), ("authorization", "Basic YTpi")],
        [("priority", "u=1, i"), ("x-tab", "a\tb")],
    ];

    private static readonly (string, string)[][] s_bad =
    [
        [("Upper", "x")], [("a b", "x")], [("a:b", "x")], [("", "x")], [("a", "b\r\nc: d")], [("a", "b\nc")], [("a", "b\0c")], [("transfer-encoding", "chunked")],
        [("content-length", "5")], [("content-length", "+1")], [(":late", "x")], [(":path", "/again")], [(":method", "POST")], [("connection", "close")], [("te", "gzip")],
        [("host", "other.test")],
    ];

    [FactWith("nginx")]
    public async Task Heads_arrive_as_through_nginx()
    {
        using var folder = new TemporaryFolder();
        using var here = Upstream();
        using var there = Upstream();
        await using var proxy = await TestProxy.StartAsync([here.Address], protocol: "Http2");
        using var nginx = await NginxServer.StartAsync(
            folder.Path, "http2", $$"""location / { proxy_pass http://{{there.Address}}; proxy_http_version 1.1; proxy_set_header Connection ""; }""");

        await CompareAsync(proxy.Port, here, nginx.Port, there, trailers: false);
    }

    [EnvoyFact]
    public async Task Heads_and_trailers_arrive_as_through_Envoy()
    {
        using var folder = new TemporaryFolder();
        using var here = Upstream();
        using var there = Upstream();
        await using var proxy = await TestProxy.StartAsync([here.Address], protocol: "Http2");
        int port = FreePorts.Next();
        string file = folder.File("envoy.yaml");
        await File.WriteAllTextAsync(file, Envoy(port, there.Port));
        using var envoy = OutriderProcess.StartOther(
            EnvoyFactAttribute.Program!, "-c", file, "--concurrency", "1", "-l", "error", "--base-id", ((Environment.ProcessId % 2000) + 30_000).ToString(CultureInfo.InvariantCulture));
        await envoy.ListensAsync(port);

        await CompareAsync(proxy.Port, here, port, there, trailers: true);
    }

    private static async Task CompareAsync(int ours, RawUpstream here, int theirs, RawUpstream there, bool trailers)
    {
        foreach (var fields in s_good)
        {
            Assert.Equal(await PassAsync(theirs, there, fields, trailers), await PassAsync(ours, here, fields, trailers));
        }

        // What they refuse, in whichever way, is never more than they do.
        foreach (var fields in s_bad)
        {
            string their = await EndAsync(theirs, fields), our = await EndAsync(ours, fields);
            Assert.True(their == "200" || our != "200", $"{fields[0]}: they {their}, we {our}");
        }
    }

    // The upstream's view of the request, and the client's of the answer.
    private static async Task<string> PassAsync(int port, RawUpstream upstream, (string, string)[] fields, bool trailers)
    {
        int before = upstream.Received.Length;
        using var client = await Http2Frames.ConnectAsync(port);
        await client.SendHeadersAsync(1, 4, [(":method", "POST"), (":scheme", "http"), (":path", "/a%20b?c=d&e"), (":authority", "a.test"), .. fields]);
        await client.SendAsync(FrameType.Data, trailers ? 0 : 1, 1, "body"u8.ToArray());
        if (trailers)
        {
            await client.SendHeadersAsync(1, 5, ("x-end", "1"), ("x-end", "2"));
        }

        var answer = new List<string>();
        for (bool end = false; !end;)
        {
            var (head, payload) = (await client.ReadAsync().SoonAsync())!.Value;
            if (head.StreamId == 1)
            {
                answer.AddRange(head.Type == FrameType.Headers ? Kept(client.Decode(payload)) : head.Type == FrameType.Data && payload.Length > 0 ? [Encoding.ASCII.GetString(payload)] : []);
                end = head.Has(FrameFlags.EndStream) || head.Type == FrameType.ResetStream;
            }
        }

        string seen = upstream.Received[before..];
        string[] lines = seen[..seen.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        var arrived = Kept(lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => (pair[0].ToLowerInvariant(), pair[1].Trim(' '))));
        string rest = seen[(seen.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        return $"{lines[0]}\n{string.Join('\n', arrived)}\n--\n{(rest.Contains("x-end: 2", StringComparison.OrdinalIgnoreCase) ? "trailers\n" : "")}{string.Join('\n', answer)}";
    }

    private static async Task<string> EndAsync(int port, (string, string)[] fields)
    {
        using var client = await Http2Frames.ConnectAsync(port);
        await client.SendHeadersAsync(1, 5, [.. Http2Frames.Get, .. fields]);
        return await client.EndOfAsync(1);
    }

    private static IEnumerable<string> Kept(IEnumerable<(string Name, string Value)> fields)
        => fields.Where(field => !s_own.Contains(field.Name)).Select(field => $"{field.Name}: {field.Value}").Order(StringComparer.Ordinal);

    private static RawUpstream Upstream() => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            bool trailers = request.Contains("x-end: ", StringComparison.OrdinalIgnoreCase);
            await connection.SendAsync(Answer + (trailers ? "transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 7\r\nx-sum: 8\r\n\r\n" : "content-length: 2\r\n\r\nhi"));
        }
    });

    private static string Envoy(int port, int upstream) => $$"""
        static_resources:
          listeners:
          - address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } }
            filter_chains:
            - filters:
              - name: h
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: s
                  codec_type: HTTP2
                  route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: c } }] }] }
                  http_filters: [{ name: r, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router, suppress_envoy_headers: true } }]
          clusters:
          - name: c
            type: STATIC
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http_protocol_options: { enable_trailers: true } }
            load_assignment: { cluster_name: c, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{upstream}} } } } }] }] }
        """;
}
