using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Outrider.Tests.Harness;
using Outrider.Tests.Logging;

namespace Outrider.Tests.Proxying;

/// <summary>Requests that the codec refuses: they never become streams, and whoever operates the proxy still sees them.</summary>
public sealed class RefusedRequestTests
{
    private const string Format =
        """{ "status": "%response_code%", "method": "%request_method%", "host": "%authority%", "path": "%request_path%", "why": "%response_code_details%", "end": "%end_reason%", "client": "%downstream_remote_address%", "listener": "%listener_name%", "sent": "%bytes_sent%", "route": "%route_name%", "us": "%duration_us%" }""";

    [Theory]
    [InlineData("GET /a?b HTTP/1.1\r\n\r\n", 400, "GET", null, "/a")]
    [InlineData("GET /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "GET", "a.test", "/a")]
    [InlineData("GET /a HTTP/1.1\r\nHost: a.test\r\nbad field: 1\r\n\r\n", 400, "GET", "a.test", "/a")]
    [InlineData("G<T /a HTTP/1.1\r\nHost: a.test\r\n\r\n", 400, null, null, null)]
    [InlineData("GET /a HTTP/3.0\r\nHost: a.test\r\n\r\n", 505, "GET", null, "/a")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n", 405, "CONNECT", null, "a.test:443")]
    [InlineData("GET /a HTTP/1.1\r\nHost: a.test\r\nExpect: tea\r\n\r\n", 417, "GET", "a.test", "/a")]
    [InlineData("POST /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 999\r\n\r\n", 413, "POST", "a.test", "/a")]
    [InlineData("{long line}", 414, "GET", null, "/xxxxxxxx")]
    [InlineData("{long head}", 431, "GET", "a.test", "/a")]
    [InlineData("GET /slow HTTP/1.1\r\nHost: a.te", 408, "GET", null, "/slow")]
    public async Task A_refused_request_has_a_line_in_both_logs_and_is_counted(string request, int status, string? method, string? host, string? path)
    {
        request = request.Replace("{long line}", $"GET /{new string('x', 9000)} HTTP/1.1\r\n", StringComparison.Ordinal)
            .Replace("{long head}", $"GET /a HTTP/1.1\r\nHost: a.test\r\nx: {new string('x', 90_000)}\r\n\r\n", StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        string access = folder.File("access.log");
        await using var proxy = await TestProxy.StartAsync(
            ["127.0.0.1:1"],
            extendConfig: $"\"max_request_body_size\": 100, \"header_timeout\": \"{(status == 408 ? "300ms" : "60s")}\"",
            listener: $", \"access_logs\": [ {{ \"log_path\": \"{access}\", \"log_format\": {Format} }} ]");

        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(request);
        string answer = await client.ReadToEndAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => File.Exists(access) && File.ReadAllText(access).EndsWith('\n'));
        using var line = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(access)));
        var values = line.RootElement;
        Assert.Equal(status, values.GetProperty("status").GetInt32());
        Assert.Equal(method, values.GetProperty("method").GetString());
        Assert.Equal(host, values.GetProperty("host").GetString());
        string? shown = values.GetProperty("path").GetString();
        Assert.True(path is null ? shown is null : shown!.StartsWith(path, StringComparison.Ordinal), shown);
        Assert.Equal("refused", values.GetProperty("end").GetString());
        Assert.Equal("l", values.GetProperty("listener").GetString());
        Assert.StartsWith("127.0.0.1:", values.GetProperty("client").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, values.GetProperty("route").ValueKind);
        Assert.True(values.GetProperty("us").GetInt64() >= 0);
        // The client of these tests reads Latin-1.
        Assert.EndsWith(values.GetProperty("why").GetString() + "\n", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(answer)), StringComparison.Ordinal);
        Assert.Equal(answer.Length - answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4, values.GetProperty("sent").GetInt32());

        // Of the same moment, and not of the same file.
        string said = $@"\[INFO\] client 127\.0\.0\.1:\d+: {status}, .*; listener 'l', {(method is null ? "no method" : method)} {host}{(path is null ? "no target" : path)}";
        await Eventually.HoldsAsync(() => Regex.IsMatch(proxy.Log, said), said);
        Assert.Equal((1, 0), (status >= 500 ? proxy.Stats.Responses5xx : proxy.Stats.Responses4xx, proxy.Stats.StreamsTotal));
        Assert.Equal(1, proxy.Stats.ProtocolErrors);
    }

    [Fact]
    public async Task What_a_client_sends_forges_no_line_in_the_error_log()
    {
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"]);
        _ = await RawClient.ExchangeAsync(proxy.Port, "GET /\u009b2J\u001b[31m'x HTTP/1.1\r\nHost: a\r\n\r\n");

        await Eventually.HoldsAsync(() => proxy.Log.Contains("listener 'l'", StringComparison.Ordinal));
        Assert.Contains("\\x1B[31m", proxy.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", proxy.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeated_refusals_are_limited_in_the_error_log_and_counted_all()
    {
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"]);
        for (int i = 0; i < 50; i++)
        {
            _ = await RawClient.ExchangeAsync(proxy.Port, "BAD\r\n\r\n");
        }

        Assert.Equal(50, proxy.Stats.ProtocolErrors);
        // Ten in ten seconds, and another ten where the machine took longer than that.
        Assert.InRange(proxy.Log.Split('\n').Count(line => line.Contains(": 400, ", StringComparison.Ordinal)), 10, 30);
    }

    [Fact]
    public async Task Repeated_connect_failures_are_limited_in_the_error_log()
    {
        await using var proxy = await TestProxy.StartAsync([$"127.0.0.1:{FreePorts.Next()}"]);
        for (int i = 0; i < 50; i++)
        {
            Assert.StartsWith("HTTP/1.1 502 ", await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        }

        Assert.InRange(proxy.Log.Split('\n').Count(line => line.Contains("connect failed", StringComparison.Ordinal)), 10, 30);
    }

    [Fact]
    public async Task A_websocket_that_the_proxy_cuts_is_not_its_clients_fault()
    {
        using var folder = new TemporaryFolder();
        string access = folder.File("access.log");
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
            await Task.Delay(Timeout.Infinite);
        });
        var proxy = await TestProxy.StartAsync(
            [upstream.Address], listener: $", \"access_logs\": [ {{ \"log_path\": \"{access}\", \"log_format\": \"%response_code% %response_flags% %end_reason% %response_code_details% %tries%\" }} ]");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync(), StringComparison.Ordinal);

        await proxy.DisposeAsync();

        Assert.Equal("101 LR proxy_stopped the proxy stopped 1", Assert.Single(await File.ReadAllLinesAsync(access)));
    }
}
