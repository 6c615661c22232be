using System.Globalization;
using System.Net;
using System.Text;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Samples;

/// <summary>The samples for Envoy, from the same source in our own proxy.</summary>
public sealed class EnvoySampleTests
{
    [Fact]
    public async Task The_token_sample_lets_a_request_pass_that_knows_the_secret()
    {
        using var upstream = Mirror();
        await using var proxy = await SampleProxy.StartAsync("envoy-token", ("127.0.0.1:8080", upstream.Address));

        string without = await proxy.SendAsync(Request("/"));
        Assert.Equal((403, "missing token"), (StatusOf(without), BodyOf(without)));
        string wrong = await proxy.SendAsync(Request("/", "token: c64319d06364528120a9f96af62ea83e"));
        Assert.Equal((403, "invalid token"), (StatusOf(wrong), BodyOf(wrong)));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Request("/", "token: c64319d06364528120a9f96af62ea83d"))));
    }

    [Fact]
    public async Task The_basic_auth_sample_asks_for_a_password_and_a_route_asks_for_another()
    {
        using var upstream = Mirror();
        await using var proxy = await SampleProxy.StartAsync("envoy-basic-auth", ("127.0.0.1:8080", upstream.Address));

        string nobody = await proxy.SendAsync(Request("/"));
        Assert.Equal(401, StatusOf(nobody));
        Assert.Contains("www-authenticate: Basic realm=\"outrider\"\r\n", nobody, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(200, await StatusAsync(proxy, "/", "foo:bar"));
        Assert.Equal(401, await StatusAsync(proxy, "/", "foo:baz"));
        Assert.Equal(401, await StatusAsync(proxy, "/admin", "foo:bar"));
        Assert.Equal(200, await StatusAsync(proxy, "/admin", "admin:secret"));
        Assert.Equal(401, await StatusAsync(proxy, "/", "admin:secret"));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Request("/public"))));
    }

    [Fact]
    public async Task The_remote_basic_auth_sample_asks_a_service_and_serves_others_meanwhile()
    {
        using var upstream = Mirror();
        var go = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        using var checker = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } question)
            {
                if (question.Contains("slow", StringComparison.Ordinal))
                {
                    asked.TrySetResult();
                    await go.Task;
                }

                bool right = BodyOf(question) is """{"username":"foo","password":"bar"}""" or """{"username":"slow","password":"bar"}""";
                await connection.SendAsync(right ? Response("") : "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
            }
        });
        await using var proxy = await SampleProxy.StartAsync("envoy-remote-basic-auth", ("127.0.0.1:8080", upstream.Address), ("127.0.0.1:8090", checker.Address));

        Assert.Equal(401, StatusOf(await proxy.SendAsync(Request("/"))));
        Assert.Equal(401, await StatusAsync(proxy, "/", "foo:baz"));
        Assert.Equal(200, await StatusAsync(proxy, "/", "foo:bar"));

        var slow = StatusAsync(proxy, "/", "slow:bar");
        await asked.Task.SoonAsync();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(200, await StatusAsync(proxy, "/", "foo:bar"));
        }

        Assert.False(slow.IsCompleted);
        go.SetResult();
        Assert.Equal(200, await slow.SoonAsync());
    }

    [Fact]
    public async Task The_streaming_sample_rewrites_a_body_as_it_passes()
    {
        var more = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            // Each text is cut in two: half of it comes with the next piece.
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + Chunk("one http:"));
            await more.Task;
            await connection.SendAsync(Chunk("//two ht") + Chunk("tp://three") + "0\r\n\r\n");
        });
        await using var proxy = await SampleProxy.StartAsync("envoy-streaming", ("127.0.0.1:8080", upstream.Address));

        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Request("/"));
        // What is sure goes on at once.
        string answer = await client.ReadUntilAsync(text => text.Contains("one ", StringComparison.Ordinal));
        more.SetResult();
        answer += await client.ReadUntilAsync(text => text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
        Assert.Equal("one https://two https://three", Dechunk(BodyOf(answer)));
    }

    [Fact]
    public async Task The_metadata_sample_chooses_the_version_of_the_service()
    {
        using var first = RawUpstream.Answering(Response("v1"));
        using var second = RawUpstream.Answering(Response("v2"));
        await using var proxy = await SampleProxy.StartAsync("envoy-metadata", ("127.0.0.1:8080", first.Address), ("127.0.0.1:8081", second.Address));

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("v1", BodyOf(await proxy.SendAsync(Request("/"))));
            Assert.Equal("v2", BodyOf(await proxy.SendAsync(Request("/", "x-version: v2"))));
        }

        Assert.Equal(503, StatusOf(await proxy.SendAsync(Request("/", "x-version: v3"))));
    }

    private static string Chunk(string text) => string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n{text}\r\n");

    private static string Request(string path, string field = "x: y") => $"GET {path} HTTP/1.1\r\nhost: example.test\r\n{field}\r\n\r\n";

    private static async Task<int> StatusAsync(TestProxy proxy, string path, string credentials)
        => StatusOf(await proxy.SendAsync(Request(path, "authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)))));
}
