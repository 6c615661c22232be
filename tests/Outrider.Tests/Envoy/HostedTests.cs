using Outrider.Tests.Harness;
using Outrider.Tests.Libraries;

namespace Outrider.Tests.Envoy;

/// <summary>Assemblies inside a stock Envoy, by the module that starts .NET there, and swapped while it serves.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class HostedTests(EnvoyModules modules) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-hosted-").FullName;
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    private string Library => Path.Combine(_folder, "filters.dll");

    public void Dispose()
    {
        _upstream.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [EnvoyFact]
    public async Task A_file_that_changes_is_in_force_for_the_next_stream()
    {
        CompiledLibrary.Write(Library, CompiledLibrary.Source("v1"));
        using var envoy = await StartAsync(HostedFolder.Config(Library, "{ note: one }"));
        Assert.Equal(("v1", "one"), (await HeaderAsync(envoy, "x-version"), await HeaderAsync(envoy, "x-note")));
        using var load = new CancellationTokenSource();
        var requests = Task.Run(async () =>
        {
            while (!load.IsCancellationRequested)
            {
                Assert.StartsWith("v", await HeaderAsync(envoy, "x-version"), StringComparison.Ordinal);
            }
        });

        for (int i = 2; i <= 5; i++)
        {
            CompiledLibrary.Write(Library, CompiledLibrary.Source($"v{i}"));
            await BecomesAsync(envoy, $"v{i}");
        }

        await load.CancelAsync();
        await requests;
        Assert.False(envoy.HasExited);
    }

    // A filter before it answers, so that the request's head never comes to it.
    [EnvoyFact]
    public async Task A_stream_begins_with_what_comes_first_of_it()
    {
        CompiledLibrary.Write(Library, CompiledLibrary.Source(
            "v1",
            "public override bool OnLocalReply(int status, string details) { Stream.SetVariable(\"told\", status); return true; }",
            "headers.Set(\"x-told\", Stream.GetVariable(\"told\")?.ToString() ?? \"nothing\");"));
        await HostedFolder.MakeAsync(modules);
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            _upstream.Port,
            [
                """{ name: fault, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, abort: { http_status: 418, percentage: { numerator: 100 } }, headers: [ { name: x-abort, present_match: true } ] } }""",
                EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(Library, "{ note: one }")),
            ],
            workers: 1);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(("v1", "nothing"), (await HeaderAsync(envoy, "x-version"), await HeaderAsync(envoy, "x-told")));

            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add("x-abort", "1");
            using var response = await envoy.Client.SendAsync(request);
            Assert.Equal((418, "v1", "418"), ((int)response.StatusCode, response.Headers.GetValues("x-version").Single(), response.Headers.GetValues("x-told").Single()));
        }
    }

    [EnvoyFact]
    public async Task What_does_not_load_or_fit_leaves_the_version_before()
    {
        CompiledLibrary.Write(Library, CompiledLibrary.Source("v1"));
        using var envoy = await StartAsync(HostedFolder.Config(Library, "{ note: one }"));

        File.WriteAllBytes(Library, [(byte)'M', (byte)'Z', 0]);
        await LogsAsync(envoy, "not a .NET assembly; the version before stays");
        CompiledLibrary.Write(Library, CompiledLibrary.Source("v2").Replace("\"version\")]", "\"renamed\")]", StringComparison.Ordinal));
        await LogsAsync(envoy, "has no stream filter 'version'; there are: renamed");
        Assert.Equal("v1", await HeaderAsync(envoy, "x-version"));

        CompiledLibrary.Write(Library, CompiledLibrary.Source("v3"));
        await BecomesAsync(envoy, "v3");
    }

    [EnvoyFact]
    public async Task A_routes_configuration_goes_over_to_the_next_version()
    {
        string Source(string version) => CompiledLibrary.Source(version, onResponse: """headers.Set("x-route", Stream.ConfigurationOr(config).Note!);""");
        CompiledLibrary.Write(Library, Source("v1"));
        using var envoy = await StartAsync(
            HostedFolder.Config(Library, "{ note: own }"),
            $"{{ match: {{ prefix: \"/\" }}, route: {{ cluster: up }}, {EnvoyYaml.RouteFilter(HostedFolder.Module, "version", HostedFolder.Config(Library, "{ note: route }"))} }}");
        Assert.Equal("route", await HeaderAsync(envoy, "x-route"));

        CompiledLibrary.Write(Library, Source("v2"));
        await BecomesAsync(envoy, "v2");

        Assert.Equal("route", await HeaderAsync(envoy, "x-route"));
    }

    // From the first version on, over one that is refused, and of a route's own configuration as well.
    [EnvoyFact]
    public async Task State_goes_over_to_the_next_version_and_what_a_route_had_is_disposed()
    {
        string gone = Path.Combine(_folder, "gone.txt");
        string Source(string version) => CompiledLibrary.Source(version, onResponse: """headers.Set("x-count", config.Next().ToString()); headers.Set("x-route-count", Stream.ConfigurationOr(config).Next().ToString());""")
            .Replace("public sealed class VersionConfig\n", "public sealed class VersionConfig : ISwapState, IDisposable\n", StringComparison.Ordinal)
            .Replace("public string? Note { get; set; }", $$"""
                public string? Note { get; set; }
                private int _count;
                public int Next() => Interlocked.Increment(ref _count);
                public byte[] SaveState() => BitConverter.GetBytes(_count);
                public void RestoreState(ReadOnlySpan<byte> state) => _count = BitConverter.ToInt32(state);
                public void Dispose() { lock (typeof(VersionConfig)) System.IO.File.AppendAllText("{{gone}}", "{{version}} " + Note + "\n"); }
                """, StringComparison.Ordinal);
        CompiledLibrary.Write(Library, Source("v1"));
        await HostedFolder.MakeAsync(modules);
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            _upstream.Port,
            [EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(Library, "{ note: own }"))],
            $"{{ match: {{ prefix: \"/route\" }}, route: {{ cluster: up }}, {EnvoyYaml.RouteFilter(HostedFolder.Module, "version", HostedFolder.Config(Library, "{ note: route }"))} }}",
            workers: 2,
            arguments: ["--component-log-level", "dynamic_modules:info"]);
        async Task<(string Version, int Own, int Route)> CountAsync()
        {
            using var response = await envoy.Client.GetAsync(new Uri("/route", UriKind.Relative));
            int Number(string name) => int.Parse(response.Headers.GetValues(name).Single(), System.Globalization.CultureInfo.InvariantCulture);
            return (response.Headers.GetValues("x-version").Single(), Number("x-count"), Number("x-route-count"));
        }

        Assert.Equal(("v1", 1, 1), await CountAsync());
        CompiledLibrary.Write(Library, Source("v2").Replace("\"version\")]", "\"renamed\")]", StringComparison.Ordinal));
        await LogsAsync(envoy, "has no stream filter 'version'; there are: renamed");
        Assert.Equal(("v1", 2, 2), await CountAsync());

        CompiledLibrary.Write(Library, Source("v3"));
        await LogsAsync(envoy, "is in force for new streams");
        Assert.Equal(("v3", 3, 3), await CountAsync());
        await Eventually.HoldsAsync(() => File.Exists(gone) && File.ReadAllLines(gone).Order(StringComparer.Ordinal).SequenceEqual(["v1 own", "v1 route"]));

        CompiledLibrary.Write(Library, Source("v4"));
        await Eventually.HoldsAsync(() => envoy.Log.Split("is in force for new streams").Length == 3);
        Assert.Equal(("v4", 4, 4), await CountAsync());
        await Eventually.HoldsAsync(() => File.ReadAllLines(gone).Order(StringComparer.Ordinal).SequenceEqual(["v1 own", "v1 route", "v3 own", "v3 route"]));
    }

    // As the proxy's test of the same name: the worker has what the stream goes through before the first one, in the quality that it keeps.
    [EnvoyFact]
    public async Task A_new_version_has_nothing_to_compile_for_its_first_stream()
    {
        string Source(string version) => CompiledLibrary.Source(version, members: """
            private long _compiled;
            public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            {
                _compiled = System.Runtime.JitInfo.GetCompiledMethodCount(currentThread: true);
                headers.Set("x-role", config.Roles.TryGetValue(headers.GetString("x-user") ?? "", out var role) ? role : "none");
                await WaitAsync();
                return await TakeAsync(headers) > 0 ? FilterAction.Continue : FilterAction.Reply(400);
            }
            private async Task WaitAsync() => await Task.Delay(1, Stream.Aborted);
            private static async ValueTask<int> TakeAsync(RequestHeaders headers) { await Task.Yield(); return headers.Path.Length; }
            """, onResponse: "headers.Set(\"x-compiled\", (System.Runtime.JitInfo.GetCompiledMethodCount(currentThread: true) - _compiled).ToString());")
            .Replace("public string? Note { get; set; }", "public string? Note { get; set; } public Dictionary<string, string> Roles { get; set; } = [];", StringComparison.Ordinal);
        CompiledLibrary.Write(Library, Source("v1"));
        await HostedFolder.MakeAsync(modules);
        using var envoy = await EnvoyProcess.StartAsync(
            modules, _upstream.Port, [EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(Library, "{ note: own, roles: { admin: owner } }"))], workers: 1,
            arguments: ["--component-log-level", "dynamic_modules:info"]);
        // The first has used what of the module and of .NET any version of it uses.
        for (int i = 0; i < 50; i++)
        {
            Assert.NotEqual("", await HeaderAsync(envoy, "x-compiled"));
        }

        CompiledLibrary.Write(Library, Source("v2"));
        await LogsAsync(envoy, "is in force for new streams");

        using var response = await envoy.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(("v2", "0"), (response.Headers.GetValues("x-version").Single(), response.Headers.GetValues("x-compiled").Single()));
    }

    [EnvoyFact]
    public async Task Metrics_go_on_and_new_ones_are_told()
    {
        string Source(string version, string more) => CompiledLibrary.Source(version, onResponse: "config.Count();")
            .Replace("public sealed class VersionConfig\n", "public sealed class VersionConfig : IMetricsUser\n", StringComparison.Ordinal)
            .Replace("public string? Note { get; set; }", $$"""
                public string? Note { get; set; }
                private FilterCounter? _count, _more;
                public void CreateMetrics(FilterMetrics metrics) { _count = metrics.CreateCounter("hosted_seen"); {{more}} }
                public void Count() { _count!.Add(1); _more?.Add(1); }
                """, StringComparison.Ordinal);
        CompiledLibrary.Write(Library, Source("v1", ""));
        using var envoy = await StartAsync(HostedFolder.Config(Library));
        _ = await HeaderAsync(envoy, "x-version");
        CompiledLibrary.Write(Library, Source("v2", "_more = metrics.CreateCounter(\"hosted_more\");"));
        await LogsAsync(envoy, "the counter 'hosted_more' counts nothing until Envoy loads the configuration again");
        await BecomesAsync(envoy, "v2");

        string stats = await envoy.AdminAsync("stats?filter=hosted_");

        Assert.True(long.Parse(stats.Split("hosted_seen: ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture) > 1, stats);
        Assert.DoesNotContain("hosted_more", stats, StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task What_is_wrong_with_a_configuration_is_in_Envoys_log()
    {
        await HostedFolder.MakeAsync(modules);
        CompiledLibrary.Write(Library, CompiledLibrary.Source("v1"));
        foreach (var (config, expected) in new (string?, string)[]
        {
            (null, "$.assembly: wanted the path of a .NET assembly"),
            (HostedFolder.Config(Path.Combine(_folder, "none.dll")), "cannot load the extension"),
            (HostedFolder.Config(Library, "{ nope: 1 }"), "$.nope"),
            (HostedFolder.Config(Library, more: ", assmbly: x"), "$.assmbly: unknown key; wanted assembly, config, hot and old_versions"),
            (HostedFolder.Config(Library, more: ", old_versions: 65"), "$.old_versions: wanted a number from 0 to 64"),
        })
        {
            Assert.Contains(expected, await EnvoyProcess.RefusesAsync(modules, [EnvoyYaml.Filter(HostedFolder.Module, "version", config)]), StringComparison.Ordinal);
        }

        Assert.Contains("has no stream filter 'other'; there are: version", await EnvoyProcess.RefusesAsync(modules, [EnvoyYaml.Filter(HostedFolder.Module, "other", HostedFolder.Config(Library))]), StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task Several_assemblies_and_versions_of_them_run_side_by_side()
    {
        await HostedFolder.MakeAsync(modules);
        string other = Path.Combine(_folder, "other.dll");
        CompiledLibrary.Write(Library, CompiledLibrary.Source("a1"));
        CompiledLibrary.Write(other, CompiledLibrary.Source("b1").Replace("x-version", "x-other", StringComparison.Ordinal).Replace("x-note", "x-other-note", StringComparison.Ordinal));
        // The first twice, with two configurations, and the second beside it with a class of the same name.
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            _upstream.Port,
            [
                EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(Library, "{ note: one }", ", hot: false")),
                EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(other, "{ note: two }")),
            ],
            workers: 2);
        Assert.Equal(("a1", "one"), (await HeaderAsync(envoy, "x-version"), await HeaderAsync(envoy, "x-note")));
        Assert.Equal(("b1", "two"), (await HeaderAsync(envoy, "x-other"), await HeaderAsync(envoy, "x-other-note")));

        for (int i = 2; i <= 4; i++)
        {
            CompiledLibrary.Write(Library, CompiledLibrary.Source($"a{i}"));
            CompiledLibrary.Write(other, CompiledLibrary.Source($"b{i}").Replace("x-version", "x-other", StringComparison.Ordinal).Replace("x-note", "x-other-note", StringComparison.Ordinal));
            await BecomesAsync(envoy, $"b{i}", "x-other");
        }

        // The one that is not to be hot stays what it was.
        Assert.Equal(("a1", "two"), (await HeaderAsync(envoy, "x-version"), await HeaderAsync(envoy, "x-other-note")));
    }

    [EnvoyFact]
    public async Task What_is_missing_of_NET_or_of_the_module_is_in_Envoys_log()
    {
        await HostedFolder.MakeAsync(modules);
        CompiledLibrary.Write(Library, CompiledLibrary.Source("v1"));
        string[] filters = [EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(Library))];
        Task<string> RefusesAsync(params (string Name, string Value)[] environment)
            => EnvoyProcess.RefusesAsync(modules, filters, environment: environment.ToDictionary(pair => pair.Name, pair => pair.Value));

        // hostfxr without a framework, and with one that is too old.
        string root = Directory.CreateDirectory(Path.Combine(_folder, "dotnet")).FullName;
        string real = Directory.EnumerateDirectories(Path.Combine(Path.GetDirectoryName(Environment.ProcessPath!)!, "host/fxr")).Order(StringComparer.Ordinal).Last();
        string fxr = Directory.CreateDirectory(Path.Combine(root, "host/fxr", Path.GetFileName(real))).FullName;
        File.Copy(Path.Combine(real, "libhostfxr.so"), Path.Combine(fxr, "libhostfxr.so"));
        string said = await RefusesAsync(("OUTRIDER_DOTNET_ROOT", root));
        Assert.Contains($"liboutrider.so: .NET in {root} does not start (0x", said, StringComparison.Ordinal);
        Assert.Contains("Microsoft.NETCore.App", said, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(root, "shared/Microsoft.NETCore.App/8.0.1"));
        Assert.Contains("Microsoft.NETCore.App", await RefusesAsync(("OUTRIDER_DOTNET_ROOT", root)), StringComparison.Ordinal);

        // A folder that is no installation is said, and the next one is taken.
        string empty = Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName;
        CompiledLibrary.Write(Library, "public sealed class NoFilter { }");
        said = await RefusesAsync(("OUTRIDER_DOTNET_ROOT", empty));
        Assert.Contains($"OUTRIDER_DOTNET_ROOT is {empty}, where there is no .NET", said, StringComparison.Ordinal);
        Assert.Contains("has no stream filter", said, StringComparison.Ordinal);
        File.WriteAllText(Library, "no assembly");
        Assert.Contains("not a .NET assembly", await RefusesAsync(), StringComparison.Ordinal);

        // The module without what belongs beside it.
        string alone = Directory.CreateDirectory(Path.Combine(_folder, "alone")).FullName;
        File.Copy(Path.Combine(modules.Folder, "liboutrider.so"), Path.Combine(alone, "liboutrider.so"));
        Assert.Contains("\"outrider envoy module --out DIR\" puts the folder \"outrider\" beside the module", await RefusesAsync(("ENVOY_DYNAMIC_MODULES_SEARCH_PATH", alone)), StringComparison.Ordinal);
    }

    private async Task<EnvoyProcess> StartAsync(string config, string? routes = null)
    {
        await HostedFolder.MakeAsync(modules);
        return await EnvoyProcess.StartAsync(modules, _upstream.Port, [EnvoyYaml.Filter(HostedFolder.Module, "version", config)], routes, workers: 2);
    }

    private static async Task<string> HeaderAsync(EnvoyProcess envoy, string name)
    {
        using var response = await envoy.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(200, (int)response.StatusCode);
        return response.Headers.TryGetValues(name, out var values) ? values.Single() : "";
    }

    private static async Task BecomesAsync(EnvoyProcess envoy, string version, string name = "x-version")
    {
        long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds;
        while (await HeaderAsync(envoy, name) is var now && now != version)
        {
            Assert.True(Environment.TickCount64 < end, $"still {now}, not {version}: {envoy.Log}");
            await Task.Delay(50);
        }
    }

    private static Task LogsAsync(EnvoyProcess envoy, string text) => Eventually.HoldsAsync(() => envoy.Log.Contains(text, StringComparison.Ordinal));
}
