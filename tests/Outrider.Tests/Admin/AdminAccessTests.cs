using System.Net;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;
using Outrider.Tests.Configuration;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Admin;

/// <summary>Who is answered: clients that mean this API, and no web page.</summary>
public sealed class AdminAccessTests : IDisposable
{
    private const string Token = "0123456789abcdef";
    private readonly FakeAdminSource _source = new();
    private readonly List<AdminServer> _servers = [];

    public void Dispose()
    {
        _servers.ForEach(server => server.Dispose());
        _source.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("127.0.0.1:1", 200)]
    [InlineData("[::ffff:127.0.0.1]:80", 200)]
    [InlineData("localhost:34901", 200)]
    [InlineData("LOCALHOST", 200)]
    [InlineData("edge.internal:80", 200)]
    [InlineData("evil.example", 421)]
    [InlineData("evil.example:34901", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("127.0.0.2", 421)]
    [InlineData("[::1]:80", 421)]
    [InlineData("[", 400)]
    [InlineData("", 400)]
    [InlineData("user@127.0.0.1", 400)]
    public async Task A_host_is_one_that_the_api_has(string host, int status)
        => Assert.StartsWith($"HTTP/1.1 {status} ", await SendAsync(Start(["edge.internal"]), $"GET /api/v1/states HTTP/1.1\r\nHost: {host}\r\n\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("GET /api/v1/states HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /api/v1/states HTTP/1.0\r\n\r\n", 200)]
    [InlineData("GET /api/v1/states HTTP/1.0\r\nHost: evil.example\r\n\r\n", 421)]
    [InlineData("GET http://evil.example/api/v1/states HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 421)]
    [InlineData("GET /api/v1/states HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n", 400)]
    [InlineData("GET /api/v1/states HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:34901\r\n\r\n", 403)]
    [InlineData("GET /api/v1/states HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n", 403)]
    [InlineData("GET /api/v1/states HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n", 403)]
    [InlineData("GET /api/v1/states HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-site\r\n\r\n", 403)]
    [InlineData("GET /api/v1/states HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: none\r\n\r\n", 200)]
    [InlineData("POST /api/v1/disable_log HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 1\r\n\r\nx", 403)]
    public async Task A_web_page_is_refused_and_a_client_is_not(string request, int status)
        => Assert.StartsWith($"HTTP/1.1 {status} ", await SendAsync(Start([]), request), StringComparison.Ordinal);

    [Fact]
    public async Task What_a_web_page_asks_for_does_not_happen()
    {
        string body = $$"""{"log_path": "{{_source.LogPath}}", "log_level": "DEBUG"}""";
        string request = $"POST /api/v1/update_loglevel HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        Assert.StartsWith("HTTP/1.1 403 ", await SendAsync(Start([]), request), StringComparison.Ordinal);

        Assert.Equal(Outrider.Filters.StreamLogLevel.Info, Assert.Single(_source.ErrorLogs.Levels).Value);
    }

    [Theory]
    [InlineData("", 401)]
    [InlineData("Authorization: Bearer 0123456789abcdee\r\n", 401)]
    [InlineData("Authorization: Bearer\r\n", 401)]
    [InlineData("Authorization: Basic 0123456789abcdef\r\n", 401)]
    [InlineData("Authorization: Bearer 0123456789abcdef\r\n", 200)]
    [InlineData("authorization: bearer 0123456789abcdef\r\n", 200)]
    public async Task With_a_token_every_request_shows_it(string header, int status)
    {
        string answer = await SendAsync(Start([], Token), $"GET /api/v1/states HTTP/1.1\r\nHost: localhost\r\n{header}\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(status == 401, answer.Contains("\r\nwww-authenticate: Bearer\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"short\"")]
    [InlineData("\"with a blank in the middle\"")]
    [InlineData("12345678901234567890")]
    public void A_token_that_protects_nothing_is_an_error(string json)
        => Assert.Contains("admin.token", new Sample { Root = $$""", "admin": { "token": {{json}}, "address": { "socket_address": { "port_value": 1 } } }""" }.Error(), StringComparison.Ordinal);

    [Fact]
    public async Task The_token_is_not_shown()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        using var sample = new CommandLine.SampleCopy(upstream.Port);
        sample.Edit("\"admin\": {", $"\"admin\": {{ \"token\": \"{Token}\",");
        using var proxy = CommandLine.OutriderProcess.Start("start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.AdminPort);
        string answer = await RawClient.ExchangeAsync(sample.AdminPort, $"GET /api/v1/config_dump HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Token}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"token\": \"[redacted]\"", answer, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401 ", await RawClient.ExchangeAsync(sample.AdminPort, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), StringComparison.Ordinal);
    }

    private int Start(string[] hosts, string? token = null)
    {
        _servers.Add(AdminServer.Start(new IPEndPoint(IPAddress.Loopback, 0), BuiltInPages.Of(_source), new AdminAccess(hosts, token)));
        return _servers[^1].EndPoint.Port;
    }

    private static Task<string> SendAsync(int port, string request) => RawClient.ExchangeAsync(port, request);
}
