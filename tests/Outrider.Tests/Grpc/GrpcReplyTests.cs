using System.Text;
using System.Text.RegularExpressions;
using Outrider.Filters;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using Outrider.Tests.Http.V2;
using Outrider.Tests.Logging;

namespace Outrider.Tests.Grpc;

/// <summary>What the proxy and its filters answer to gRPC requests themselves: a status of gRPC, in a head without a body.</summary>
public sealed class GrpcReplyTests
{
    private static readonly (string, string)[] s_call = [.. Http2Frames.Post, ("content-type", "application/grpc"), ("te", "trailers")];

    [Theory]
    [InlineData(400, 13)]
    [InlineData(401, 16)]
    [InlineData(403, 7)]
    [InlineData(404, 12)]
    [InlineData(429, 14)]
    [InlineData(502, 14)]
    [InlineData(503, 14)]
    [InlineData(504, 14)]
    [InlineData(200, 2)]
    [InlineData(302, 2)]
    [InlineData(409, 2)]
    [InlineData(500, 2)]
    public async Task A_filters_answer_becomes_the_status_that_Envoy_makes_of_it(int status, int expected)
    {
        await using var proxy = await StartAsync(_ => FilterAction.Reply(status, "50 % off\nfür dich"));

        string answer = await CallAsync(proxy);

        Assert.Equal($"200 content-type=application/grpc grpc-message=50 %25 off%0Af%C3%BCr dich grpc-status={expected} end", answer);
    }

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc; charset=utf-8", true)]
    [InlineData("Application/GRPC", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpcs", false)]
    [InlineData("application/json", false)]
    public async Task Only_requests_of_gRPC_get_one(string type, bool isGrpc)
    {
        await using var proxy = await StartAsync(_ => FilterAction.Reply(403, "no"));

        string answer = await CallAsync(proxy, type);

        Assert.StartsWith(isGrpc ? "200 content-type=application/grpc grpc-message=no grpc-status=7" : "403 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("content-type", "x-large", 2, "the head is too large")]
    [InlineData("x-large", "content-type", 2, "the head is too large")]
    [InlineData("content-type", "expect", 2, "an expectation other than 100-continue (RFC 9110 %C2%A710.1.1)")]
    [InlineData("content-type", "content-length", 2, "the body is larger than the listener allows")]
    public async Task A_request_that_the_codec_refuses_gets_one_too(string first, string second, int status, string message)
    {
        var values = new Dictionary<string, string>
        {
            ["content-type"] = "application/grpc+proto", ["x-large"] = new string('a', 9000), ["expect"] = "something", ["content-length"] = "1000",
        };
        using var log = new TemporaryFolder();
        string access = $$""","access_logs":[{"log_path":"{{log.File("access.log")}}","log_format":"%response_code% %grpc_status% %grpc_status_number% %end_reason% %bytes_sent% %request_path%"}]""";
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], extendConfig: "\"max_header_size\":8192,\"max_request_body_size\":100", listener: access, protocol: "Http2");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        await client.SendHeadersAsync(1, 4, [.. Http2Frames.Post, (first, values[first]), (second, values[second])]);

        Assert.Equal($"200 content-type=application/grpc grpc-message={message} grpc-status={status} end", await AnswerAsync(client));
        // The log says what the client was told.
        await Eventually.HoldsAsync(() => File.Exists(log.File("access.log")) && File.ReadAllText(log.File("access.log")).Length > 0);
        Assert.Equal($"200 Unknown {status} refused 0 /\n", await File.ReadAllTextAsync(log.File("access.log")));
        Assert.Equal((1, 1), (proxy.Stats.ProtocolErrors, proxy.Stats.Responses2xx));
    }

    [Fact]
    public async Task A_filter_may_say_the_status_itself_and_add_fields()
    {
        await using var proxy = await StartAsync(_ => FilterAction.Reply(new LocalReply(403, "too many").With("grpc-status", "8").With("x-why", "quota")));

        Assert.Equal("200 content-type=application/grpc grpc-message=too many grpc-status=8 x-why=quota end", await CallAsync(proxy));
    }

    [Fact]
    public async Task An_answer_of_gRPC_that_a_filter_makes_goes_as_it_is()
    {
        await using var proxy = await StartAsync(_ => FilterAction.Reply(new LocalReply(200, "12345").With("content-type", "application/grpc").With("x-mine", "1")));

        Assert.Equal("200 content-length=5 content-type=application/grpc x-mine=1; 12345 end", await CallAsync(proxy));
    }

    [Fact]
    public async Task Sender_filters_see_the_answer_as_it_goes_out()
    {
        string? seen = null;
        var watching = new Script
        {
            EncodeHeaders = (_, headers, end) =>
            {
                seen = $"{headers.Status} {headers.GetString("grpc-status")} {end}";
                return FilterAction.Continue;
            },
        };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(401, "who?") }, watching], protocol: "Auto");

        Assert.Equal("200 content-type=application/grpc grpc-message=who? grpc-status=16 end", await CallAsync(proxy));
        Assert.Equal("200 16 True", seen);
    }

    [Fact]
    public async Task What_the_proxy_answers_itself_is_a_status_too()
    {
        const string routes = """
            [{"match":{"path":"/s/Direct"},"direct_response":{"status":503,"body":"closed"}},
             {"match":{"path":"/s/Moved"},"redirect":{"path_redirect":"/other"}},
             {"match":{"path":"/s/Dead"},"route":{"cluster_name":"up"}}]
            """;
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], route: routes, protocol: "Auto");

        Assert.Equal("200 content-type=application/grpc grpc-message=closed grpc-status=14 end", await CallAsync(proxy, path: "/s/Direct"));
        Assert.Contains(" grpc-status=2 ", await CallAsync(proxy, path: "/s/Moved"), StringComparison.Ordinal);
        Assert.Equal("200 content-type=application/grpc grpc-message=connect failed grpc-status=14 end", await CallAsync(proxy, path: "/s/Dead"));
        Assert.Equal("200 content-type=application/grpc grpc-message=no route grpc-status=12 end", await CallAsync(proxy, path: "/s/Nowhere"));
    }

    [Fact]
    public async Task A_filter_that_fails_is_a_status_too()
    {
        await using var proxy = await StartAsync(_ => throw new InvalidOperationException("broken"));

        Assert.Equal("200 content-type=application/grpc grpc-message=internal error grpc-status=2 end", await CallAsync(proxy));
    }

    [Theory]
    [InlineData("100m", "DeadlineExceeded", 4)]
    [InlineData("100000u", "DeadlineExceeded", 4)]
    [InlineData("99999999n", "DeadlineExceeded", 4)]
    [InlineData("20S", "Unavailable", 14)]
    [InlineData("1", "Unavailable", 14)]
    [InlineData("123456789m", "Unavailable", 14)]
    [InlineData("-1m", "Unavailable", 14)]
    public async Task The_clients_time_limits_the_upstream_and_a_larger_limit_of_the_route_does_not_win(string timeout, string name, int number)
    {
        using var silent = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                if (request.StartsWith("POST /before ", StringComparison.Ordinal))
                {
                    await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                }
            }
        });
        // The route's own limit is what ends calls whose client gives them longer, or says nothing that can be read.
        string limit = number == 4 ? "60s" : "300ms";
        string route = $$$"""[{"match":{"path":"/before"},"route":{"cluster_name":"up"}},{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"{{{limit}}}"}}]""";
        using var log = new TemporaryFolder();
        string access = $$""","access_logs":[{"log_path":"{{log.File("access.log")}}","log_format":"%grpc_status% %grpc_status_number% %response_flags%"}]""";
        await using var proxy = await TestProxy.StartAsync([silent.Address], route: route, protocol: "Auto", listener: access);
        // The connection to the host is there, so that the time is not over before it has the call.
        _ = await CallAsync(proxy, "text/plain", "/before");
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 5, [.. s_call, ("grpc-timeout", timeout)]);

        Assert.Contains($" grpc-status={number} end", await AnswerAsync(client), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => silent.Received.Contains($"grpc-timeout: {timeout}\r\n", StringComparison.Ordinal));
        await Eventually.HoldsAsync(() => File.Exists(log.File("access.log")) && File.ReadAllText(log.File("access.log")).EndsWith($"\n{name} {number} UT\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_clients_time_runs_while_a_connection_is_waited_for_and_while_the_answer_comes()
    {
        using var slow = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n");
            await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([slow.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 5, [.. s_call, ("grpc-timeout", "4S")]);

        Assert.StartsWith("RST ", await client.EndOfAsync(1), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats.UpstreamTimeouts == 1);
    }

    [Fact]
    public async Task The_access_log_has_the_status_of_trailers_of_heads_and_of_what_clients_make_of_HTTPs()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                string answer = request.StartsWith("POST /trailers ", StringComparison.Ordinal)
                    ? "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\ngrpc-status: 0\r\n\r\n"
                    : request.StartsWith("POST /head ", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\ngrpc-status: 5\r\n\r\n"
                    : request.StartsWith("POST /odd ", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\ngrpc-status: 99\r\n\r\n"
                    : "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
                await connection.SendAsync(answer);
            }
        });
        using var log = new TemporaryFolder();
        string access = $$$""","access_logs":[{"log_path":"{{{log.File("access.log")}}}","log_format":{"p":"%request_path%","s":"%grpc_status%","n":"%grpc_status_number%"}}]""";
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto", listener: access);

        foreach (string path in (string[])["/trailers", "/head", "/odd", "/http"])
        {
            _ = await CallAsync(proxy, path: path);
        }

        _ = await CallAsync(proxy, "text/plain", "/none");

        const string expected = """
            {"p":"/trailers","s":"OK","n":0}
            {"p":"/head","s":"NotFound","n":5}
            {"p":"/odd","s":"99","n":99}
            {"p":"/http","s":"Unimplemented","n":12}
            {"p":"/none","s":null,"n":null}

            """;
        await Eventually.HoldsAsync(() => File.Exists(log.File("access.log")) && File.ReadAllText(log.File("access.log")) == expected);
    }

    private static Task<TestProxy> StartAsync(Func<RequestHeaders, FilterAction> answer)
        => TestProxy.StartAsync(["127.0.0.1:1"], [new Script { DecodeHeaders = (_, headers, _) => answer(headers) }], protocol: "Auto");

    private static async Task<string> CallAsync(TestProxy proxy, string type = "application/grpc", string path = "/s/M")
    {
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        await client.SendHeadersAsync(1, 5, (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"), ("content-type", type), ("te", "trailers"));
        return await AnswerAsync(client);
    }

    // Head, sorted and without what is of no interest; body; how it ended.
    private static async Task<string> AnswerAsync(Http2Frames client)
    {
        var text = new StringBuilder();
        while (await client.ReadAsync().SoonAsync() is { } frame)
        {
            if (frame.Head.StreamId != 1)
            {
                continue;
            }

            if (frame.Head.Type == FrameType.Headers)
            {
                var fields = Http2Frames.Fields(frame.Payload).Where(field => field.Name is not ("date" or "location") && field != ("content-length", "0")).ToList();
                text.Append(text.Length > 0 ? "; " : "").AppendJoin(' ', fields.Where(field => field.Name != ":status").Select(field => $"{field.Name}={field.Value}")
                    .Order(StringComparer.Ordinal).Prepend(fields.FirstOrDefault(field => field.Name == ":status").Value).Where(part => part is not null));
            }
            else if (frame.Head.Type == FrameType.Data && frame.Payload.Length > 0)
            {
                text.Append("; ").Append(Encoding.Latin1.GetString(frame.Payload));
            }

            if (frame.Head.Type is FrameType.Headers or FrameType.Data && frame.Head.Has(FrameFlags.EndStream))
            {
                return text.Append(" end").ToString();
            }
        }

        return text.Append(" cut").ToString();
    }
}
