using System.Globalization;
using System.Net;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Echo;
using Outrider.Http.V2;
using Outrider.Proxy.Server;
using Outrider.Proxy.Telemetry;
using Outrider.Running;
using Outrider.Telemetry;

namespace Outrider.Commands;

/// <summary>Shows the main job: an upstream, the proxy with the sample's configuration, and a line that tells what it does.</summary>
internal static class DemoCommand
{
    private static readonly string s_sample = Path.Combine("samples", "simple-streamfilter", "mosn.json");

    /// <summary>Runs the demo until a signal ends it.</summary>
    /// <param name="http2">Do its clients speak HTTP/2, without TLS, as well as HTTP/1?</param>
    internal static async Task<int> RunAsync(bool http2)
    {
        var loaded = ConfigurationLoader.Load(FindSample());
        using var signals = new Signals();
        var upstream = await EchoServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 8080), "demo").ConfigureAwait(false);
        await using (upstream.ConfigureAwait(false))
        {
            // The demo's line is what the terminal is for; warnings and errors still come through.
            var quiet = loaded.Configuration with
            {
                Server = loaded.Configuration.Server with { DefaultLogLevel = Filters.StreamLogLevel.Warn, DefaultLogPath = "stderr", GracefulTimeout = TimeSpan.FromSeconds(2) },
            };
            if (http2)
            {
                quiet = quiet with { Server = quiet.Server with { Listeners = [.. quiet.Server.Listeners.Select(WithHttp2)] } };
            }

            string option = http2 ? "--http2-prior-knowledge " : "";
            var server = await ProxyServer.StartAsync(quiet, ExtensionFolder.Load().Filters, ProductVersion.Text).ConfigureAwait(false);
            await using (server.ConfigureAwait(false))
            {
                await Console.Out.WriteLineAsync($"""
                    Outrider {ProductVersion.Text}: proxy on 127.0.0.1:2046, upstream on 127.0.0.1:8080, {Path.GetRelativePath(Environment.CurrentDirectory, loaded.Configuration.FilePath)}

                    Try in another terminal (Ctrl-C ends the demo):

                      curl -i {option}http://127.0.0.1:2046/                      # 403: the demo filter wants a header
                      curl -i {option}http://127.0.0.1:2046/ -H 'User: admin'     # 200: forwarded to the upstream
                      curl -i {option}http://127.0.0.1:2046/ -H 'User: eve'       # 403: not this value
                      curl http://127.0.0.1:34901/metrics                 # counters, for Prometheus

                    """).ConfigureAwait(false);
                await ShowAsync(server, signals, http2).ConfigureAwait(false);
            }
        }

        return 0;
    }

    private static ListenerConfiguration WithHttp2(ListenerConfiguration listener) => listener with
    {
        Chains = [.. listener.Chains.Select(static chain => chain.Proxy is { } proxy ? chain with { Proxy = proxy with { Http2 = new Http2Configuration() } } : chain)],
    };

    private static async Task ShowAsync(ProxyServer server, Signals signals, bool http2)
    {
        var ended = signals.EndAsync();
        long before = 0;
        while (!ended.IsCompleted)
        {
            var sum = server.Stats.Sum();
            string line = string.Create(CultureInfo.InvariantCulture,
                $"{sum.StreamsTotal - before,8} requests/s  {sum.ConnectionsActive,5} connections  p50 {Milliseconds(sum, 0.5)}  p99 {Milliseconds(sum, 0.99)}  total {sum.StreamsTotal}{(http2 ? $"  HTTP/2 streams {sum.Http2Downstream.Streams}" : "")}");
            before = sum.StreamsTotal;
            if (Console.IsOutputRedirected)
            {
                await Console.Out.WriteLineAsync(line).ConfigureAwait(false);
            }
            else
            {
                await Console.Out.WriteAsync("\r" + line + "\u001b[K").ConfigureAwait(false);
            }

            _ = await Task.WhenAny(ended, Task.Delay(1000)).ConfigureAwait(false);
        }

        await Console.Out.WriteLineAsync().ConfigureAwait(false);
    }

    private static string Milliseconds(LoopStats sum, double quantile)
        => sum.RequestDuration.Count == 0 ? "-" : (sum.RequestDuration.Quantile(quantile) / 1000.0).ToString("0.00 ms", CultureInfo.InvariantCulture);

    // From the folder that one is in, or from the program's own place in a checkout.
    private static string FindSample()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, s_sample);
            if (File.Exists(file))
            {
                return file;
            }
        }

        return s_sample;
    }
}
