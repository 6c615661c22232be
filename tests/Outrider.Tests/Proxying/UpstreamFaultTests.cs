using System.Net;
using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class UpstreamFaultTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 4\r\n\r\nbody";

    [Theory]
    [InlineData(Get)]
    [InlineData(Post)]
    public async Task A_refused_connection_is_answered_with_502_and_named_in_the_log(string request)
    {
        string nobody = DeadAddress();
        await using var proxy = await TestProxy.StartAsync([nobody]);

        string answer = await RawClient.ExchangeAsync(proxy.Port, request);

        Assert.StartsWith("HTTP/1.1 502", answer, StringComparison.Ordinal);
        Assert.Contains($"upstream {nobody}: connect failed: Connection refused", proxy.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_hosts_the_answer_is_503()
    {
        await using var proxy = await TestProxy.StartAsync([]);

        Assert.StartsWith("HTTP/1.1 503", await RawClient.ExchangeAsync(proxy.Port, Get), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_in_time_is_answered_with_504()
    {
        // A full queue drops what else comes (Linux, tcp_abort_on_overflow = 0).
        using var full = new FullListener();
        await using var proxy = await TestProxy.StartAsync([full.Address], cluster: ""","connect_timeout":"200ms" """);

        string answer = await RawClient.ExchangeAsync(proxy.Port, Get);

        Assert.StartsWith("HTTP/1.1 504", answer, StringComparison.Ordinal);
        Assert.Contains($"upstream {full.Address}: connect timeout", proxy.Log, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task Another_host_takes_over_for_one_that_does_not_answer_the_call()
    {
        using var full = new FullListener();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([full.Address, upstream.Address], cluster: ""","connect_timeout":"2s" """);

        for (int i = 0; i < 2; i++)
        {
            Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(proxy.Port, Post), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_upstream_that_thinks_longer_than_the_route_allows_is_answered_for_with_504()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            Assert.Equal("", await connection.ReadAsync());
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: Route(""","timeout":"150ms" """));

        Assert.StartsWith("HTTP/1.1 504", await RawClient.ExchangeAsync(proxy.Port, Get), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 504", await RawClient.ExchangeAsync(proxy.Port, Post), StringComparison.Ordinal);

        Assert.Equal(2, proxy.Stats.UpstreamTimeouts);
        Assert.Contains($"upstream {upstream.Address}: response timeout", proxy.Log, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task The_routes_time_does_not_run_while_the_client_still_sends()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: Route(""","timeout":"4s" """));
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 12\r\n\r\n");
        for (int i = 0; i < 12; i++)
        {
            await Task.Delay(400);
            await client.SendAsync("x");
        }

        Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_stops_in_the_middle_is_cut_off()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: Route(""","timeout":"2s" """));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        var (_, body) = await answers.ReadMessageAsync();

        Assert.Equal("abc", body);
        Assert.True(answers.IsTruncated);
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Theory]
    [InlineData(Get, true)]
    [InlineData(Get, false)]
    [InlineData(Post, true)]
    [InlineData(Post, false)]
    public async Task A_fresh_connection_that_ends_before_the_head_is_answered_with_502(string request, bool reset)
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            if (reset)
            {
                connection.Reset();
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        Assert.StartsWith("HTTP/1.1 502", await RawClient.ExchangeAsync(proxy.Port, request), StringComparison.Ordinal);

        Assert.Equal(1, upstream.Connections);
        Assert.Contains($"upstream {upstream.Address}: ", proxy.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("content-length: 10\r\n\r\nabc", true)]
    [InlineData("content-length: 10\r\n\r\nabc", false)]
    [InlineData("transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", true)]
    [InlineData("transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", false)]
    [InlineData("transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-half: t", false)]
    [InlineData("\r\nabc", true)]
    public async Task A_response_that_breaks_off_is_seen_to_be_broken_off(string start, bool reset)
    {
        foreach (string version in new[] { "1.1", "1.0" })
        {
            var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var upstream = new RawUpstream(async (connection, number) =>
            {
                _ = await connection.ReadRequestAsync();
                await connection.SendAsync("HTTP/1.1 200 OK\r\n" + start);
                // A reset would overtake what the proxy has not read yet.
                await passed.Task;
                if (reset)
                {
                    connection.Reset();
                }
            });
            await using var proxy = await TestProxy.StartAsync([upstream.Address]);
            using var client = await RawClient.ConnectAsync(proxy.Port);
            var answers = new WireReader(client.Socket);

            await client.SendAsync($"GET / HTTP/{version}\r\nhost: a\r\n\r\n");
            string head = await answers.ReadHeadAsync();
            passed.SetResult();
            byte[] body = await answers.ReadBodyAsync(head);

            Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
            Assert.Equal("abc"u8.ToArray(), body);
            Assert.True(answers.IsTruncated);
            await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
        }
    }

    [Theory]
    [InlineData("hello\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/1.1 200 OK\nbad: line\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 999 Odd\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    public async Task An_upstream_that_does_not_speak_HTTP_is_answered_for_with_502(string garbage)
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(garbage);
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);

        Assert.StartsWith("HTTP/1.1 502", await RawClient.ExchangeAsync(proxy.Port, Get), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task A_chunk_size_that_is_none_cuts_the_response_off()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync(Get);
        _ = await answers.ReadMessageAsync();

        Assert.True(answers.IsTruncated);
    }

    private static string Route(string more) => $$$"""[{"match":{"prefix":"/"},"route":{"cluster_name":"up"{{{more}}}}}]""";

    /// <summary>An address that refuses: bound, so that nobody else gets it, and not listening.</summary>
    private static string DeadAddress()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return socket.LocalEndpoint.ToString()!;
    }

    /// <summary>Listens, but its queue is full: a connection to it is never made.</summary>
    private sealed class FullListener : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _waiting = [];

        internal FullListener()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(1);
            for (int i = 0; i < 8; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _waiting.Add(socket);
                try
                {
                    socket.Connect(_listener.LocalEndPoint!);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                }
            }
        }

        internal string Address => _listener.LocalEndPoint!.ToString()!;

        public void Dispose()
        {
            _listener.Dispose();
            _waiting.ForEach(socket => socket.Dispose());
        }
    }
}
