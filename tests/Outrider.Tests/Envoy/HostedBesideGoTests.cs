using Outrider.Tests.Libraries;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Envoy;

/// <summary>.NET inside Envoy beside a Go module in the same process, whose runtime changes the process's signal handlers.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class HostedBesideGoTests(EnvoyModules modules) : IDisposable
{
    private const string Go = "go_filters";

    // A longer look at what must not happen, by hand: 60.
    private static readonly long s_milliseconds = 1000 * (int.TryParse(Environment.GetEnvironmentVariable("OUTRIDER_HAZARD_SECONDS"), out int seconds) ? seconds : 4);

    // Collections from a thread of its own, so that workers are stopped wherever they are, and with each response; mistakes that the processor reports.
    private static readonly string s_source = CompiledLibrary.Source(
        "v1",
        members: """
            private static readonly Thread s_collector = Begin();
            private static Thread Begin() { var made = new Thread(Collect) { IsBackground = true }; made.Start(); return made; }
            private static void Collect() { while (true) { GC.Collect(0); Thread.Sleep(1); } }
            private static string? Fault(string kind)
            {
                string? nothing = null; int zero = 0;
                try { return kind == "null" ? nothing!.Length.ToString() : (1 / zero).ToString(); }
                catch (Exception e) { return e.GetType().Name; }
            }
            public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            {
                GC.KeepAlive(s_collector);
                if (headers.Contains("do-delay"u8)) { await Task.Delay(1); }
                return FilterAction.Continue;
            }
            """,
        onResponse: """
            GC.Collect(0);
            if (Stream.RequestHeaders.GetString("x-fault") is { } fault) { headers.Set("x-caught", Fault(fault)!); }
            """);

    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-hosted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [EnvoyGoTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Both_live_through_collections_a_storm_of_the_suspension_signal_and_faults(bool dotnetFirst)
    {
        string library = Path.Combine(_folder, "filters.dll");
        CompiledLibrary.Write(library, s_source);
        await HostedFolder.MakeAsync(modules);
        File.Copy(GoModuleFactAttribute.File!, Path.Combine(modules.Folder, $"lib{Go}.so"), overwrite: true);
        string hosted = EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(library));
        string[] go = [EnvoyYaml.Filter(Go, "auth", EnvoyYaml.Text("x-auth"), "auth"), EnvoyYaml.Filter(Go, "delay", name: "delay")];
        using var upstream = new EchoUpstream();
        using var envoy = await EnvoyProcess.StartAsync(
            modules, upstream.Port, dotnetFirst ? [hosted, .. go] : [.. go, hosted], workers: 2, environment: new Dictionary<string, string> { ["GODEBUG"] = "cgocheck=0" });

        int requests = await LoadAsync(envoy);
        using (var storm = SignalStorm.Begin(envoy.Id, "wrk:worker"))
        {
            requests += await LoadAsync(envoy);
            Assert.True(storm.Sent > 0, "no signal was sent");
        }

        foreach (var (fault, name) in new[] { ("null", "NullReferenceException"), ("zero", "DivideByZeroException") })
        {
            for (int i = 0; i < 20; i++)
            {
                try
                {
                    using var response = await envoy.SendAsync("/", ("x-auth", "y"), ("x-fault", fault));
                    Assert.Equal(name, response.Headers.GetValues("x-caught").Single());
                }
                catch (HttpRequestException e)
                {
                    Assert.Fail($"{fault}, {i} before it: {e.Message}: {envoy.Log}");
                }
            }
        }

        // With their threads open for it: SIGRTMIN is bit 33.
        Assert.All(Directory.GetDirectories($"/proc/{envoy.Id}/task").Where(static task => File.ReadAllText(Path.Combine(task, "comm")).StartsWith("wrk:worker", StringComparison.Ordinal)), static task =>
        {
            string blocked = File.ReadLines(Path.Combine(task, "status")).Single(static line => line.StartsWith("SigBlk:", StringComparison.Ordinal)).Split('\t')[1];
            Assert.Equal(0UL, Convert.ToUInt64(blocked, 16) & (1UL << 33));
        });
        requests += await LoadAsync(envoy);
        Assert.True(requests > 100, $"{requests} requests");
        Assert.False(envoy.HasExited);
    }

    private static async Task<int> LoadAsync(EnvoyProcess envoy)
    {
        long end = Environment.TickCount64 + s_milliseconds;
        int requests = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            while (Environment.TickCount64 < end)
            {
                using var response = await envoy.SendAsync("/", client % 2 == 0 ? [("x-auth", "y")] : [("x-auth", "y"), ("do-delay", "1")]);
                Assert.True((int)response.StatusCode == 200, $"{(int)response.StatusCode}: {envoy.Log}");
                Interlocked.Increment(ref requests);
            }
        })));
        return requests;
    }
}
