using System.Net;
using System.Net.Sockets;
using System.Runtime;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Echo;
using Outrider.Filters;
using Outrider.Proxy.Server;

namespace Outrider.Running;

/// <summary>
/// Lets the runtime compile the data path for good before the first client comes: some hundred requests through a proxy of
/// its own, with a filter and an upstream of its own, on loopback. Without it the first requests would take many times as
/// long as later ones, and the compiler's memory would be taken while the proxy is busy. It ends when the runtime has
/// nothing more to compile, after most of a second, or after <see cref="MaxMilliseconds"/> on a busy machine.
/// </summary>
internal static class WarmUp
{
    private const int MaxMilliseconds = 2000;
    private const int Connections = 4;
    private const int RequestsPerRound = 64;
    private const int QuietRounds = 4;

    // The runtime looks for methods worth compiling again when nothing new was called for 100 ms.
    private const int PauseMilliseconds = 60;

    /// <summary>Warms up. What goes wrong here (no loopback, no descriptors) is not told: the proxy works without it.</summary>
    /// <param name="version">The program's.</param>
    /// <param name="http2">Half of the requests in HTTP/2, as clients of a listener may speak it?</param>
    internal static async Task RunAsync(string version, bool http2)
    {
        try
        {
            var upstream = await EchoServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), "warm-up").ConfigureAwait(false);
            await using (upstream.ConfigureAwait(false))
            {
                var registry = new StreamFilterRegistry();
                registry.Add("warm-up", _ => new StreamFilterFactory<WarmUpFilter>(() => new WarmUpFilter()));
                var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(Configuration(upstream.EndPoint, http2)), "warm-up").Configuration;
                var server = await ProxyServer.StartAsync(configuration, registry, version).ConfigureAwait(false);
                await using (server.ConfigureAwait(false))
                {
                    await Task.Run(() => Drive(server.Listeners.Single().EndPoint, http2)).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ConfigurationException)
        {
        }

        // What it has left behind goes back to the system.
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private static string Configuration(EndPoint upstream, bool http2) => $$$"""
        {"servers":[{"default_log_path":"/dev/null","default_log_level":"FATAL","processor":1,"graceful_timeout":"1s",
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"v","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"c"}}]}]}],
        "listeners":[{"name":"warm-up","address":"127.0.0.1:0","bind_port":true,"stream_filters":[{"type":"warm-up"}],
        "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"{{{(http2 ? "Auto" : "Http1")}}}","upstream_protocol":"Http1","router_config_name":"r"}}]}]}]}],
        "cluster_manager":{"clusters":[{"name":"c","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{upstream}}}"}]}]}}
        """;

    private static void Drive(EndPoint proxy, bool http2)
    {
        var clients = new IWarmUpClient[Connections];
        try
        {
            for (int i = 0; i < Connections; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = MaxMilliseconds };
                try
                {
                    socket.Connect(proxy);
                    clients[i] = http2 && i % 2 == 1 ? new WarmUpHttp2Client(socket) : new WarmUpHttp1Client(socket);
                }
                catch (SocketException)
                {
                    socket.Dispose();
                    throw;
                }
            }

            long end = Environment.TickCount64 + MaxMilliseconds;
            long compiled = 0;
            for (int quiet = 0; quiet < QuietRounds && Environment.TickCount64 < end;)
            {
                for (int i = 0; i < RequestsPerRound; i++)
                {
                    if (!clients[i % Connections].Ask())
                    {
                        return;
                    }
                }

                Thread.Sleep(PauseMilliseconds);
                long now = JitInfo.GetCompiledMethodCount();
                quiet = now == compiled ? quiet + 1 : 0;
                compiled = now;
            }
        }
        finally
        {
            foreach (var client in clients)
            {
                client?.Dispose();
            }
        }
    }

    private sealed class WarmUpFilter : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            => headers.Has("x-warm-up"u8, "no"u8) ? Reply(403) : FilterAction.Continue;

        public override bool TryReset() => true;
    }
}
