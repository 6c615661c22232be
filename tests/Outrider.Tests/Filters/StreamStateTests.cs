using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>What filters of a stream tell each other, and what they can ask for by Envoy's names.</summary>
public sealed class StreamStateTests
{
    [Fact]
    public async Task Metadata_goes_from_filter_to_filter_and_ends_with_the_stream()
    {
        var seen = new ConcurrentQueue<string>();
        var setter = new Script
        {
            DecodeHeaders = (filter, headers, _) =>
            {
                var metadata = filter.Context.Metadata;
                if (headers.PathString == "/set")
                {
                    metadata.Set("auth", "user", "eve");
                    metadata.Set("auth", "user", "ada");
                    metadata.Set("auth", "age", 36.5);
                    metadata.Set("auth", "admin", true);
                    Assert.Throws<ArgumentException>(() => metadata.Set("", "user", "x"));
                    Assert.Throws<ArgumentException>(() => metadata.Set("auth", "", "x"));
                }

                return FilterAction.Continue;
            },
        };
        var getter = new Script
        {
            Log = filter =>
            {
                var m = filter.Context.Metadata;
                seen.Enqueue(FormattableString.Invariant($"{m.GetText("auth", "user")} {m.GetNumber("auth", "age")} {m.GetFlag("auth", "admin")}"));
                seen.Enqueue(FormattableString.Invariant($"[{m.GetNumber("auth", "user")}{m.GetText("other", "user")}{m.GetFlag("auth", "age")}{m.GetText("auth", "user", MetadataSource.Route)}]"));
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [setter, getter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        foreach (string path in new[] { "/set", "/look" })
        {
            await client.SendAsync($"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
            _ = await client.ReadResponseAsync();
        }

        await proxy.AssertEndedAsync(setter, getter);
        Assert.Equal(["ada 36.5 True", "[]", "  ", "[]"], seen);
    }

    [Fact]
    public async Task Filter_state_is_set_once_and_read_as_a_copy()
    {
        var seen = new ConcurrentQueue<string>();
        var setter = new Script
        {
            DecodeHeaders = (filter, headers, _) =>
            {
                if (headers.PathString == "/set")
                {
                    filter.Context.SetFilterState("key", "bytes"u8);
                    seen.Enqueue(Assert.Throws<InvalidOperationException>(() => filter.Context.SetFilterState("key", "others"u8)).Message);
                }

                return FilterAction.Continue;
            },
        };
        var getter = new Script
        {
            EncodeHeaders = (filter, _, _) =>
            {
                byte[]? copy = filter.Context.GetFilterState("key");
                seen.Enqueue(copy is null ? "none" : System.Text.Encoding.ASCII.GetString(copy));
                copy?.AsSpan().Clear();
                seen.Enqueue(filter.Context.GetFilterState("key")?.Length + "/" + filter.Context.GetFilterState("other")?.Length);
                Assert.True(filter.Context.GetFilterState("key")?[0] is null or (byte)'b');
                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [setter, getter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        foreach (string path in new[] { "/set", "/look" })
        {
            await client.SendAsync($"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.Equal(200, StatusOf(await client.ReadResponseAsync()));
        }

        Assert.Equal(["the filter state 'key' is set already", "bytes", "5/", "none", "/"], seen);
    }

    [Fact]
    public async Task Attributes_have_Envoys_names_and_one_that_is_none_is_a_mistake()
    {
        var seen = new ConcurrentDictionary<string, object?>();
        string[] texts =
        [
            "request.path", "request.url_path", "request.query", "request.host", "request.method", "request.scheme", "request.protocol", "request.referer", "request.useragent", "request.id",
            "source.address", "destination.address", "upstream.address", "xds.cluster_name", "xds.route_name", "xds.virtual_host_name", "xds.filter_chain_name",
            "connection.tls_version", "connection.requested_server_name", "connection.subject_peer_certificate", "response.code_details", "xds.node", "source.port",
        ];
        string[] numbers = ["request.size", "response.size", "response.code", "source.port", "destination.port", "upstream.port", "request.path"];
        var filter = new Script
        {
            Log = filter =>
            {
                Array.ForEach(texts, name => seen[name] = filter.Context.GetAttribute(name));
                Array.ForEach(numbers, name => seen["#" + name] = filter.Context.GetAttributeNumber(name));
                seen["mtls"] = filter.Context.GetAttributeFlag("connection.mtls");
                Assert.Null(filter.Context.GetAttributeFlag("request.path"));
                Assert.Throws<ArgumentException>(() => filter.Context.GetAttribute("request.paht"));
                Assert.Throws<ArgumentException>(() => filter.Context.GetAttributeNumber("port"));
                Assert.Throws<ArgumentException>(() => filter.Context.GetAttributeFlag(""));
                seen["done"] = true;
            },
        };
        using var upstream = RawUpstream.Answering(Response("answer"));
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("POST /a/b?c=d HTTP/1.1\r\nhost: example.test:80\r\nuser-agent: test\r\nreferer: http://r\r\nx-request-id: 7\r\ncontent-length: 4\r\n\r\nbody");
        _ = await client.ReadResponseAsync();
        await Eventually.HoldsAsync(() => seen.ContainsKey("done"));

        Assert.Equal(
            ["/a/b?c=d", "/a/b", "c=d", "example.test:80", "POST", "http", "HTTP/1.1", "http://r", "test", "7"],
            texts[..10].Select(name => seen[name]));
        Assert.Equal(
            [client.Socket.LocalEndPoint!.ToString(), $"127.0.0.1:{proxy.Port}", upstream.Address, "up", "prefix /", "all", "l"],
            texts[10..17].Select(name => seen[name]));
        Assert.All(texts[17..], name => Assert.Null(seen[name]));
        Assert.Equal(
            [4L, 6L, 200L, (long)((System.Net.IPEndPoint)client.Socket.LocalEndPoint).Port, (long)proxy.Port, (long)upstream.Port, null],
            numbers.Select(name => seen["#" + name]));
        Assert.Equal(false, seen["mtls"]);
    }

    [Fact]
    public async Task Filters_are_told_of_answers_that_are_made_here_and_may_prefer_none()
    {
        var told = new ConcurrentQueue<string>();
        var reply = new Script
        {
            DecodeHeaders = (_, headers, _) => headers.PathString == "/reply" ? FilterAction.Reply(new LocalReply(403, "no") { Details = "because" }) : FilterAction.Continue,
        };
        var listener = new StreamFilterFactory<LocalReplyFilter>(() => new LocalReplyFilter(told));
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [listener, reply], route: """[{"match":{"path":"/up"},"route":{"cluster_name":"up"}},{"match":{"path":"/reply"},"route":{"cluster_name":"up"}}]""");

        Assert.Equal(403, StatusOf(await proxy.SendAsync("GET /reply HTTP/1.1\r\nhost: a\r\n\r\n")));
        Assert.Equal(404, StatusOf(await proxy.SendAsync("GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n")));
        Assert.Equal(200, StatusOf(await proxy.SendAsync("GET /up HTTP/1.1\r\nhost: a\r\n\r\n")));
        Assert.Equal(["403 because, then 403", "404 no route, then 404", "200"], told);

        Assert.Equal("", await proxy.SendAsync("GET /nowhere HTTP/1.1\r\nhost: a\r\nx-none: 1\r\n\r\n"));
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }

    private sealed class LocalReplyFilter(ConcurrentQueue<string> told) : StreamFilter
    {
        private string _told = "";

        public override bool OnLocalReply(int status, string details)
        {
            _told = $"{status} {details}, then ";
            return !Stream.RequestHeaders.Contains("x-none"u8);
        }

        public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        {
            told.Enqueue(_told + headers.Status);
            return FilterAction.Continue;
        }
    }
}
