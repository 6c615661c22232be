using System.Globalization;
using System.Text.RegularExpressions;
using Outrider.Tests.Harness;
using Outrider.Tests.Libraries;

namespace Outrider.Tests.Envoy;

/// <summary>Many swaps of assemblies inside a stock Envoy, and what long streams hold of old versions.</summary>
[Collection(EnvoyCollection.Name)]
public sealed partial class HostedSwapTests(EnvoyModules modules) : IDisposable
{
    // What has gone, and which streams were ended, is in Envoy's log.
    private static readonly string[] s_tells = ["--component-log-level", "dynamic_modules:info"];

    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-hosted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // As the proxy's test of the same name. A file is looked at twice a second, so four files are swapped at once.
    [EnvoyFact]
    public async Task A_hundred_swaps_under_load_lose_no_request_and_leave_nothing()
    {
        string[] names = ["a", "b", "c", "d"];
        string gone = Path.Combine(_folder, "disposed.txt");
        string FileOf(string name) => Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, name)).FullName, "filters.dll");
        string Source(string name, int version) => CompiledLibrary.Source($"v{version}")
            .Replace("x-version", $"x-{name}", StringComparison.Ordinal)
            .Replace("public sealed class VersionConfig\n", "public sealed class VersionConfig : IDisposable\n", StringComparison.Ordinal)
            .Replace("public string? Note { get; set; }", $$"""public string? Note { get; set; } public void Dispose() { System.IO.File.AppendAllText("{{gone}}.{{name}}", "v{{version}}\n"); }""", StringComparison.Ordinal);
        void Write(int version)
        {
            foreach (string name in names)
            {
                CompiledLibrary.Write(FileOf(name), Source(name, version));
            }
        }

        Write(1);
        await HostedFolder.MakeAsync(modules);
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        using var envoy = await EnvoyProcess.StartAsync(
            modules, upstream.Port, names.Select(name => EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(FileOf(name), "{ note: n }"))), workers: 2, arguments: s_tells);
        async Task<string> VersionsAsync()
        {
            using var response = await envoy.Client.GetAsync(new Uri("/", UriKind.Relative));
            Assert.Equal(200, (int)response.StatusCode);
            return string.Join(" ", names.Select(name => response.Headers.GetValues($"x-{name}").Single()));
        }

        using var load = new CancellationTokenSource();
        long requests = 0;
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!load.IsCancellationRequested)
            {
                Assert.Equal(names.Length, (await VersionsAsync()).Split('v').Length - 1);
                Interlocked.Increment(ref requests);
            }
        })).ToArray();
        int last = 1;
        await SwapAsync(8);
        // Sixty-eight versions more: a leaked one is some 200 KB of code and types alone, of each sixty-eight. What grows for another reason, such as a collection that
        // comes late on a busy machine, does not do so each time.
        long grown = await Growth.LeastAsync(3, 10_000, async () =>
        {
            long resident = envoy.ResidentKilobytes();
            await SwapAsync(17);
            return envoy.ResidentKilobytes() - resident;
        });

        await load.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(requests > 100);
        foreach (string name in names)
        {
            Assert.Equal(Enumerable.Range(1, last - 1).Select(i => $"v{i}").Order(StringComparer.Ordinal), File.ReadAllLines($"{gone}.{name}").Order(StringComparer.Ordinal));
        }

        Assert.InRange(grown, long.MinValue, 10_000);
        Assert.False(envoy.HasExited);
        Assert.DoesNotContain("[error]", envoy.Log, StringComparison.Ordinal);

        async Task SwapAsync(int count)
        {
            for (int end = last + count; last < end;)
            {
                Write(++last);
                string wanted = string.Join(" ", names.Select(_ => string.Create(CultureInfo.InvariantCulture, $"v{last}")));
                for (long patience = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds; await VersionsAsync() is var now && now != wanted; await Task.Delay(20))
                {
                    Assert.True(Environment.TickCount64 < patience, $"still {now}, not {wanted}: {envoy.Log}");
                }
            }

            await AllGoAsync(envoy, last - 1, names.Select(FileOf));
        }
    }

    // Both the stream whose filter is at work and the one that only waits for its upstream, with nothing of ours running.
    [EnvoyFact]
    public async Task Of_too_many_old_versions_the_streams_of_the_oldest_end()
    {
        string library = Path.Combine(_folder, "filters.dll");
        string Source(string version) => CompiledLibrary.Source(version, members: """
            public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            {
                if (headers.Contains("hold"u8)) { try { await Task.Delay(-1, Stream.Aborted); } catch (OperationCanceledException) { } }
                return FilterAction.Continue;
            }
            """);
        var answer = new TaskCompletionSource();
        using var upstream = new EchoUpstream(async context =>
        {
            if (context.Request.RawUrl == "/slow")
            {
                await answer.Task;
            }

            return false;
        });
        CompiledLibrary.Write(library, Source("v1"));
        await HostedFolder.MakeAsync(modules);
        using var envoy = await EnvoyProcess.StartAsync(
            modules, upstream.Port, [EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(library, "{ note: n }", ", old_versions: 1"))],
            "{ match: { prefix: \"/\" }, route: { cluster: up, timeout: 0s } }", workers: 2, arguments: s_tells);
        async Task<RawClient> HoldAsync(string request)
        {
            var client = await RawClient.ConnectAsync(envoy.Port);
            await client.SendAsync($"GET {request}\r\n\r\n");
            return client;
        }

        Task<RawClient> InFilterAsync() => HoldAsync("/ HTTP/1.1\r\nhost: a\r\nhold: 1");
        Task<RawClient> AtUpstreamAsync() => HoldAsync("/slow HTTP/1.1\r\nhost: a\r\nconnection: close");
        async Task ActiveAsync(int count) => await Eventually.HoldsAsync(() => envoy.AdminAsync("stats?filter=http.in.downstream_rq_active").GetAwaiter().GetResult()
            .Contains(string.Create(CultureInfo.InvariantCulture, $"downstream_rq_active: {count}\n"), StringComparison.Ordinal));
        async Task BecomesAsync(string version)
        {
            CompiledLibrary.Write(library, Source(version));
            await Eventually.HoldsAsync(() =>
            {
                using var response = envoy.Client.GetAsync(new Uri("/", UriKind.Relative)).GetAwaiter().GetResult();
                Assert.Equal(200, (int)response.StatusCode);
                return response.Headers.GetValues("x-version").Single() == version;
            });
        }

        using var firstAtWork = await InFilterAsync();
        using var firstWaiting = await AtUpstreamAsync();
        await ActiveAsync(2);
        await BecomesAsync("v2");
        using var secondAtWork = await InFilterAsync();
        using var secondWaiting = await AtUpstreamAsync();
        await ActiveAsync(4);
        Assert.DoesNotContain("more than old_versions", envoy.Log, StringComparison.Ordinal);

        await BecomesAsync("v3");

        Assert.Equal("", await firstAtWork.ReadToEndAsync());
        Assert.Equal("", await firstWaiting.ReadToEndAsync());
        await Eventually.HoldsAsync(() => envoy.Log.Contains($"library {library}: 2 streams of version 1 ended, as more than old_versions are alive", StringComparison.Ordinal));
        await ActiveAsync(2);
        await Eventually.HoldsAsync(() => envoy.Log.Contains($"library {library}: version 1 gone, 1 left beside the one in force", StringComparison.Ordinal));

        // Those of the other go on.
        answer.SetResult();
        Assert.Contains("x-version: v2", await secondWaiting.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static Task AllGoAsync(EnvoyProcess envoy, int versions, IEnumerable<string> files)
        => Eventually.HoldsAsync(() => files.All(file => Enumerable.Range(1, versions).Order().SequenceEqual(
            Gone().Matches(envoy.Log).Where(line => line.Groups[1].Value == file).SelectMany(line => line.Groups[2].Value.Split(", ")).Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Order())));

    [GeneratedRegex("library (\\S+): versions? ([0-9, ]+) gone")]
    private static partial Regex Gone();
}
