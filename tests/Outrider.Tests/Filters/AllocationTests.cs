using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Assemblies;
using Outrider.Configuration;
using Outrider.Filters;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Server;
using Outrider.Proxy.Server;
using Outrider.Samples.SimpleStreamFilter;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Http.V2;
using Outrider.Tests.Logging;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Filters;

/// <summary>What any thread of the process allocates is counted, so these run alone.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationCollection;

[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Requests = 20_000;

    private const int Connections = 500;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_request_through_the_demo_filter_allocates_nothing(bool routeConfigures, bool costsAreMeasured)
    {
        using var upstream = new BlockingUpstream();
        var registry = new StreamFilterRegistry();
        _ = AssemblyFilters.Register(typeof(DemoFilter).Assembly, registry);
        registry.Add("routed", static _ => "the filter's", static own => new RoutedFilter(own));
        string json = (await File.ReadAllTextAsync(Path.Combine(SampleCopy.Root, "samples", "simple-streamfilter", "mosn.json")))
            .Replace("127.0.0.1:2046", "127.0.0.1:0", StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", $"127.0.0.1:{upstream.Port}", StringComparison.Ordinal)
            .Replace("34901", "0", StringComparison.Ordinal)
            // For each new connection this upstream makes a thread and a buffer.
            .Replace("\"max_request_per_conn\": 1024", "\"max_request_per_conn\": 1000000", StringComparison.Ordinal)
            .Replace("\"default_log_level\": \"INFO\"", "\"default_log_level\": \"ERROR\"", StringComparison.Ordinal);
        if (routeConfigures)
        {
            json = json.Replace("\"stream_filters\": [", "\"stream_filters\": [{\"type\": \"routed\"},", StringComparison.Ordinal)
                .Replace("\"domains\"", "\"per_filter_config\": {\"routed\": {}}, \"domains\"", StringComparison.Ordinal);
        }

        if (costsAreMeasured)
        {
            json = json.Replace("\"stream_filters\": [", "\"filter_costs\": true, \"stream_filters\": [", StringComparison.Ordinal);
        }

        var server = await ProxyServer.StartAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration, registry, "test");
        await using (server)
        {
            var bytes = Measure(server, upstream, "GET / HTTP/1.1\r\nhost: example.test\r\nUser: admin\r\n\r\n");
            Assert.True(bytes.IsNone, bytes.ToString());
            Assert.Equal(costsAreMeasured, server.Stats.AllFilterCosts.Any(static filter => filter.Phases().Any(static phase => phase.Cost.Calls >= Requests)));
        }
    }

    [Theory]
    [InlineData("[::1]", 0, false)]
    [InlineData("127.0.0.1", 20_000, false)]
    [InlineData("127.0.0.1", 0, true)]
    [InlineData("[::1]", 20_000, true)]
    public async Task A_request_of_an_IPv6_client_one_with_a_large_head_and_a_reply_with_headers_allocate_nothing(string address, int cookie, bool replies)
    {
        using var upstream = new BlockingUpstream();
        var registry = new StreamFilterRegistry();
        var reply = new LocalReply(200, "ok").With("x-first", "1").With("Cache-Control", "no-store").With("x-latin", "caf\u00e9");
        registry.Add("answers", _ => reply, static own => new AnsweringFilter(own));
        using var folder = new TemporaryFolder();
        string json = $$$"""
            {"servers":[{"default_log_path":"{{{folder.File("error.log")}}}","default_log_level":"ERROR","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
            "listeners":[{"name":"l","address":"{{{address}}}:0","bind_port":true,
              "access_logs":[{"log_path":"{{{folder.File("access.log")}}}","log_format":"%downstream_remote_address% %request_path% %upstream_host% %duration%"}],
              "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r","extend_config":{"trusted_hops":1,"x_forwarded_host":"replace","x_forwarded_port":"append","forwarded":"append"} } }]}],
              "stream_filters":[{{{(replies ? "{\"type\":\"answers\"}" : "")}}}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","max_request_per_conn":1000000,"hosts":[{"address":"127.0.0.1:{{{upstream.Port}}}"}]}]}}
            """;
        var server = await ProxyServer.StartAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration, registry, "test");
        await using (server)
        {
            string more = cookie == 0 ? "" : $"cookie: a={new string('x', cookie)}\r\n";
            var bytes = Measure(server, upstream, $"GET / HTTP/1.1\r\nhost: example.test\r\nx-forwarded-for: 2001:db8::1, 10.0.0.1\r\nforwarded: for=a\r\n{more}\r\n");
            Assert.True(bytes.IsNone, bytes.ToString());
        }
    }

    [CompilerFact("gcc")]
    public async Task A_request_that_a_module_keeps_until_its_own_thread_comes_back_to_it_allocates_nothing()
    {
        string module = BuiltModule.C("later");
        using var upstream = new BlockingUpstream();
        using var folder = new TemporaryFolder();
        string json = ModuleProxy.Json([$"127.0.0.1:{upstream.Port}"], [ModuleProxy.Entry(module, "any")], log: folder.File("error.log"))
            // For each new connection this upstream makes a thread and a buffer.
            .Replace("\"type\":\"SIMPLE\"", "\"type\":\"SIMPLE\",\"max_request_per_conn\":1000000", StringComparison.Ordinal)
            .Replace("\"default_log_level\":\"DEBUG\"", "\"default_log_level\":\"ERROR\"", StringComparison.Ordinal);
        var server = await ProxyServer.StartAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration, ModuleProxy.Registry(), "test");
        await using (server)
        {
            var bytes = Measure(server, upstream, "GET / HTTP/1.1\r\nhost: example.test\r\n\r\n");
            Assert.True(bytes.IsNone, bytes.ToString());
            // Each stream has what the one before it had, and is told nothing that was for that one.
            Assert.True(BuiltModule.Ask(module, "later_streams") >= 2 * Requests);
            Assert.Equal(0, BuiltModule.Ask(module, "later_strange"));
        }
    }

    [Theory]
    [InlineData("GET /a HTTP/1.1\r\nHost: a.test\r\nbad field: 1\r\n\r\n", 400)]
    [InlineData("GET /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400)]
    [InlineData("GET /a HTTP/3.0\r\nHost: a.test\r\n\r\n", 505)]
    [InlineData("GET /a HTTP/1.1\r\nHost: a.test\r\nExpect: tea\r\n\r\n", 417)]
    [InlineData("{line}", 414)]
    public async Task A_refused_request_allocates_no_more_than_the_connection_that_it_ends(string request, int status)
    {
        request = request.Replace("{line}", $"GET /{new string('x', 9000)} HTTP/1.1\r\n", StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        string json = $$$"""
            {"servers":[{"default_log_path":"{{{folder.File("error.log")}}}","default_log_level":"INFO","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200}}]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"access_logs":[{"log_path":"{{{folder.File("access.log")}}}"}],
              "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}]}]}
            """;
        var server = await ProxyServer.StartAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration, new StreamFilterRegistry(), "test");
        await using (server)
        {
            var proxy = (IPEndPoint)server.Listeners.Single().EndPoint;
            // What others of the process do takes time and not connections, so that a machine that is slow counts more of it: one measurement has to be clean.
            long answered = 0, refused = long.MaxValue;
            for (int run = 0; run < 4 && refused - answered >= 12 * Connections; run++)
            {
                answered = MeasureConnections(proxy, "GET /a HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", 200);
                refused = MeasureConnections(proxy, request, status);
            }

            // The smallest object has 24 bytes.
            Assert.True(refused - answered < 12 * Connections, $"{(double)refused / Connections:0.0} bytes, and {(double)answered / Connections:0.0} for a request that is answered");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_over_HTTP_2_allocates_nothing(bool hasBody)
    {
        using var upstream = new BlockingUpstream();
        string json = $$$"""
            {"servers":[{"default_log_path":"/dev/null","default_log_level":"ERROR","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http2","upstream_protocol":"Http1","router_config_name":"r"}}]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","max_request_per_conn":1000000,"hosts":[{"address":"127.0.0.1:{{{upstream.Port}}}"}]}]}}
            """;
        var server = await ProxyServer.StartAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration, new StreamFilterRegistry(), "test");
        await using (server)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            client.Connect((IPEndPoint)server.Listeners.Single().EndPoint);
            client.Send([.. Http2ServerConnection.Preface, .. Http2Frames.Frame(FrameType.Settings, 0, 0, []), .. Http2Frames.Frame(FrameType.WindowUpdate, 0, 0, [0x7f, 0, 0, 0])]);
            byte[] request = Http2Frames.Frame(FrameType.Headers, hasBody ? 4 : 5, 0, Http2Frames.Block(hasBody ? [.. Http2Frames.Post, ("content-length", "4")] : Http2Frames.Get));
            // The upstream takes what ends with an empty line for a whole request.
            request = hasBody ? [.. request, .. Http2Frames.Frame(FrameType.Data, 1, 0, "\r\n\r\n"u8.ToArray())] : request;
            byte[] answer = new byte[64 * 1024];
            int id = 1;
            Exchange2(client, request, answer, ref id, Requests);
            var bytes = default(Allocations);
            for (int run = 0; run < 4 && (run == 0 || !bytes.IsNone); run++)
            {
                var before = Allocations.Until(server, upstream);
                Exchange2(client, request, answer, ref id, Requests);
                bytes = Allocations.Until(server, upstream) - before;
            }

            Assert.True(bytes.IsNone, bytes.ToString());
        }
    }

    // One stream after the other, each read to its END_STREAM.
    private static void Exchange2(Socket client, byte[] request, byte[] answer, ref int id, int count)
    {
        int begin = 0, end = 0;
        for (int i = 0; i < count; i++, id += 2)
        {
            for (int at = 0; at < request.Length; at += FrameHeader.Size + FrameHeader.Read(request.AsSpan(at)).Length)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(at + 5), id);
            }

            client.Send(request);
            for (bool done = false; !done;)
            {
                while (end - begin < FrameHeader.Size || end - begin < FrameHeader.Size + FrameHeader.Read(answer.AsSpan(begin)).Length)
                {
                    answer.AsSpan(begin, end - begin).CopyTo(answer);
                    (begin, end) = (0, end - begin);
                    int read = client.Receive(answer, end, answer.Length - end, SocketFlags.None);
                    if (read == 0)
                    {
                        Assert.Fail("the proxy closed the connection");
                    }

                    end += read;
                }

                var frame = FrameHeader.Read(answer.AsSpan(begin));
                begin += FrameHeader.Size + frame.Length;
                if (frame.Type is FrameType.GoAway or FrameType.ResetStream)
                {
                    Assert.Fail($"{frame.Type} at {i}");
                }

                done = frame.StreamId == id && frame.Has(FrameFlags.EndStream);
            }
        }
    }

    private sealed class AnsweringFilter(LocalReply reply) : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) => FilterAction.Reply(reply);

        public override bool TryReset() => true;
    }

    private sealed class RoutedFilter(string own) : StreamFilter
    {
        public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
            => Stream.RouteConfiguration is string && ReferenceEquals(Stream.ConfigurationOr(own), Stream.RouteConfiguration) ? FilterAction.Continue : Reply(500);

        public override bool TryReset() => true;
    }

    // One run of several has to be clean: what is built once may fall into any of the others.
    private static Allocations Measure(ProxyServer server, BlockingUpstream upstream, string text)
    {
        var proxy = (IPEndPoint)server.Listeners.Single().EndPoint;
        using var client = new Socket(proxy.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(proxy);
        byte[] request = Encoding.ASCII.GetBytes(text);
        byte[] answer = new byte[4096];
        Exchange(client, request, answer, Requests);
        var bytes = default(Allocations);
        for (int run = 0; run < 4 && (run == 0 || !bytes.IsNone); run++)
        {
            var before = Allocations.Until(server, upstream);
            Exchange(client, request, answer, Requests);
            bytes = Allocations.Until(server, upstream) - before;
        }

        return bytes;
    }

    // As above, with a connection for each request.
    private static long MeasureConnections(IPEndPoint proxy, string text, int status)
    {
        byte[] request = Encoding.ASCII.GetBytes(text);
        byte[] answer = new byte[4096];
        byte[] begin = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} ");
        long least = long.MaxValue;
        for (int run = 0; run < 5; run++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true) - GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Connections; i++)
            {
                using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(proxy);
                client.Send(request);
                int length = 0;
                while (client.Receive(answer, length, answer.Length - length, SocketFlags.None) is > 0 and var read)
                {
                    length += read;
                }

                if (!answer.AsSpan(0, length).StartsWith(begin))
                {
                    Assert.Fail(Encoding.Latin1.GetString(answer, 0, length));
                }
            }

            // The first run is what is built once.
            long bytes = GC.GetTotalAllocatedBytes(precise: true) - GC.GetAllocatedBytesForCurrentThread() - before;
            least = run == 0 ? least : Math.Min(least, bytes);
        }

        return least;
    }

    /// <summary>
    /// What the loops' threads have allocated, which is the requests' alone, and what all other threads have, but for the client's and the
    /// upstream's. To the latter the runtime, the test runner and every timer of the process add with time and not with requests, so that
    /// only an object in every other request is seen there: the smallest has 24 bytes.
    /// </summary>
    private readonly record struct Allocations(long OnLoops, long Elsewhere)
    {
        internal bool IsNone => OnLoops < Requests / 2 && Elsewhere < 12L * Requests;

        public static Allocations operator -(Allocations left, Allocations right) => new(left.OnLoops - right.OnLoops, left.Elsewhere - right.Elsewhere);

        internal static Allocations Until(ProxyServer server, BlockingUpstream upstream)
        {
            long onLoops = 0;
            foreach (var loop in server.Loops)
            {
                loop.InvokeAsync(() => Interlocked.Add(ref onLoops, GC.GetAllocatedBytesForCurrentThread())).Wait();
            }

            return new(onLoops, GC.GetTotalAllocatedBytes(precise: true) - onLoops - GC.GetAllocatedBytesForCurrentThread() - upstream.Allocated);
        }

        public override string ToString() => $"{(double)OnLoops / Requests:0.000} bytes a request on loops, {(double)Elsewhere / Requests:0.000} on other threads";
    }

    private static void Exchange(Socket client, byte[] request, byte[] answer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            client.Send(request);
            int length = 0;
            do
            {
                int read = client.Receive(answer, length, answer.Length - length, SocketFlags.None);
                if (read == 0)
                {
                    Assert.Fail("the proxy closed the connection");
                }

                length += read;
            }
            while (!answer.AsSpan(0, length).EndsWith("\r\n\r\nok"u8));

            if (!answer.AsSpan(0, 13).SequenceEqual("HTTP/1.1 200 "u8))
            {
                Assert.Fail(Encoding.Latin1.GetString(answer, 0, length));
            }
        }
    }

    /// <summary>An upstream that allocates nothing for a request either: a thread for each connection, blocking calls.</summary>
    private sealed class BlockingUpstream : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        private long _allocated;

        internal BlockingUpstream()
        {
            _listener.Start();
            new Thread(Accept) { IsBackground = true }.Start();
        }

        /// <summary>What its only connection's thread had allocated when it answered last.</summary>
        internal long Allocated => Volatile.Read(ref _allocated);

        internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Stop();

        private void Accept()
        {
            try
            {
                while (true)
                {
                    var socket = _listener.AcceptSocket();
                    new Thread(() => Serve(socket)) { IsBackground = true }.Start();
                }
            }
            catch (SocketException)
            {
            }
        }

        private void Serve(Socket socket)
        {
            using (socket)
            {
                socket.NoDelay = true;
                byte[] answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"u8.ToArray();
                byte[] request = new byte[64 * 1024];
                int length = 0;
                try
                {
                    while (socket.Receive(request, length, request.Length - length, SocketFlags.None) is > 0 and var read)
                    {
                        length += read;
                        if (request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
                        {
                            Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread());
                            socket.Send(answer);
                            length = 0;
                        }
                    }
                }
                catch (SocketException)
                {
                }
            }
        }
    }
}
