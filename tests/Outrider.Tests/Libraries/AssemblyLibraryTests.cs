using System.Runtime.InteropServices;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Libraries;

/// <summary>Filters of assemblies that a configuration names as libraries, and their files that change while the proxy runs.</summary>
public sealed class AssemblyLibraryTests : IDisposable
{
    private readonly LibraryProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public async Task A_file_that_changes_is_in_force_for_the_next_request_and_the_old_code_goes()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));
        _proxy.Configure();
        await _proxy.StartAsync();
        Assert.Equal("v1", await _proxy.HeaderAsync());
        Assert.Equal("n", await _proxy.HeaderAsync("x-note"));
        using var load = new CancellationTokenSource();
        var failures = Task.Run(async () =>
        {
            while (!load.IsCancellationRequested)
            {
                Assert.StartsWith("v", await _proxy.HeaderAsync(), StringComparison.Ordinal);
            }
        });

        for (int i = 2; i <= 6; i++)
        {
            CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source($"v{i}"));
            await _proxy.BecomesAsync($"v{i}");
        }

        await load.CancelAsync();
        await failures;
        Assert.Equal(6, (await _proxy.StatusAsync()).GetProperty("version").GetInt32());
        await Eventually.HoldsAsync(() => _proxy.StatusAsync().GetAwaiter().GetResult().GetProperty("old_versions").GetInt32() == 0);
        Assert.Equal("version", (await _proxy.StatusAsync()).GetProperty("filters")[0].GetString());
    }

    // As many as the issue of swaps counts: no request fails, each configuration is disposed, all code goes, and memory does not grow with them.
    [Fact]
    public async Task A_hundred_swaps_under_load_lose_no_request_and_leave_nothing()
    {
        string gone = Path.Combine(_proxy.Folder, "disposed.txt");
        string Source(int version) => CompiledLibrary.Source($"v{version}")
            .Replace("public sealed class VersionConfig\n", "public sealed class VersionConfig : IDisposable\n", StringComparison.Ordinal)
            .Replace("public string? Note { get; set; }", $$"""public string? Note { get; set; } public void Dispose() { System.IO.File.AppendAllText("{{gone}}", "v{{version}}\n"); }""", StringComparison.Ordinal);
        CompiledLibrary.Write(_proxy.Library, Source(1));
        _proxy.Configure("""{"type":"library","library":{"path":"./filters.dll","filter":"version","hot":"off"},"config":{"note":"n"}}""");
        await _proxy.StartAsync();
        using var load = new CancellationTokenSource();
        long requests = 0;
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!load.IsCancellationRequested)
            {
                Assert.StartsWith("v", await _proxy.HeaderAsync(), StringComparison.Ordinal);
                Interlocked.Increment(ref requests);
            }
        })).ToArray();
        // Seventy versions more: a leaked one is some 200 KB of code and types alone, of each seventy. What grows for another reason, such as a collection that comes late
        // on a busy machine, does not do so each time.
        int last = 1;
        await SwapAsync(30);
        long grown = await Growth.LeastAsync(3, 10_000, async () =>
        {
            long resident = _proxy.ResidentKilobytes();
            await SwapAsync(70);
            return _proxy.ResidentKilobytes() - resident;
        });

        await load.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(requests > 100);
        Assert.Equal(last, (await _proxy.StatusAsync()).GetProperty("version").GetInt32());
        Assert.Equal(Enumerable.Range(1, last - 1).Select(i => $"v{i}").Order(StringComparer.Ordinal), File.ReadAllLines(gone).Order(StringComparer.Ordinal));
        Assert.InRange(grown, long.MinValue, 10_000);
        Assert.DoesNotContain("[ERROR]", _proxy.Log, StringComparison.Ordinal);

        async Task SwapAsync(int count)
        {
            for (int end = last + count; last < end;)
            {
                CompiledLibrary.Write(_proxy.Library, Source(++last));
                Assert.Equal((200, $"reloaded {_proxy.Library}\n"), await _proxy.ReloadAsync("filters"));
                Assert.Equal($"v{last}", await _proxy.HeaderAsync());
            }

            await _proxy.AllOldGoAsync();
        }
    }

    // Code of a version that goes some day is compiled once, and well: what is compiled before the first stream is as fast in it as later.
    [Fact]
    public async Task A_new_version_has_nothing_to_compile_for_its_first_stream()
    {
        // The first has used what of the proxy and of .NET any version of it uses.
        string Source(string version) => CompiledLibrary.Source(version, members: """
            private long _compiled;
            public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            {
                _compiled = System.Runtime.JitInfo.GetCompiledMethodCount(currentThread: true);
                await WaitAsync();
                return await TakeAsync(headers) > 0 ? FilterAction.Continue : FilterAction.Reply(400);
            }
            private async Task WaitAsync() => await Task.Delay(1, Stream.Aborted);
            private static async ValueTask<int> TakeAsync(RequestHeaders headers) { await Task.Yield(); return headers.Path.Length; }
            """, onResponse: "headers.Set(\"x-compiled\", (System.Runtime.JitInfo.GetCompiledMethodCount(currentThread: true) - _compiled).ToString());");
        CompiledLibrary.Write(_proxy.Library, Source("v1"));
        _proxy.Configure("""{"type":"library","library":{"path":"./filters.dll","filter":"version","hot":"off"},"config":{"note":"n"}}""");
        await _proxy.StartAsync();
        for (int i = 0; i < 50; i++)
        {
            Assert.NotEqual("", await _proxy.HeaderAsync("x-compiled"));
        }

        CompiledLibrary.Write(_proxy.Library, Source("v2"));
        Assert.Equal(200, (await _proxy.ReloadAsync("filters")).Status);

        Assert.Equal("0", await _proxy.HeaderAsync("x-compiled"));
    }

    // The serializer's default options are the framework's, and keep every type that they have read (dotnet/runtime #65323).
    [Fact]
    public async Task A_filter_that_uses_the_serializers_default_options_goes_as_well()
    {
        string Source(string version) => CompiledLibrary.Source(
            version,
            onResponse: """headers.Set("x-json", System.Text.Json.JsonSerializer.Serialize(System.Text.Json.JsonSerializer.Deserialize<Item>("{\"Name\":\"a\"}")));""",
            config: "public sealed class Item { public string? Name { get; set; } public List<Item> Items { get; } = []; }");
        CompiledLibrary.Write(_proxy.Library, Source("v1"));
        _proxy.Configure();
        await _proxy.StartAsync();
        Assert.Contains("\"a\"", await _proxy.HeaderAsync("x-json"), StringComparison.Ordinal);

        CompiledLibrary.Write(_proxy.Library, Source("v2"));
        await _proxy.BecomesAsync("v2");

        await Eventually.HoldsAsync(() => _proxy.StatusAsync().GetAwaiter().GetResult().GetProperty("old_versions").GetInt32() == 0);
    }

    [Fact]
    public async Task What_does_not_load_is_told_and_the_version_before_stays()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));
        _proxy.Configure();
        await _proxy.StartAsync();

        File.WriteAllBytes(_proxy.Library, [(byte)'M', (byte)'Z', 1, 2, 3]);
        await _proxy.LogsAsync("not a .NET assembly; the version before stays");
        Assert.Equal("v1", await _proxy.HeaderAsync());
        Assert.Contains("not a .NET assembly", (await _proxy.StatusAsync()).GetProperty("problem").GetString(), StringComparison.Ordinal);

        // One that loads, and whose filter has another name.
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v2").Replace("[StreamFilter(\"version\")]", "[StreamFilter(\"renamed\")]", StringComparison.Ordinal));
        await _proxy.LogsAsync("has no stream filter 'version'; there are: renamed");
        Assert.Equal("v1", await _proxy.HeaderAsync());

        File.Delete(_proxy.Library);
        Assert.Equal("v1", await _proxy.HeaderAsync());
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v3"));
        await _proxy.BecomesAsync("v3");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await _proxy.StatusAsync()).GetProperty("problem").ValueKind);
    }

    [Fact]
    public async Task A_version_that_refuses_its_configuration_leaves_the_one_before()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));
        _proxy.Configure();
        await _proxy.StartAsync();

        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v2").Replace("public string? Note", "public int Note", StringComparison.Ordinal).Replace("config.Note ?? \"none\"", "\"x\"", StringComparison.Ordinal));

        await _proxy.LogsAsync("stream_filters[0].config.note");
        Assert.Equal("v1", await _proxy.HeaderAsync());
    }

    [Fact]
    public async Task State_that_a_filter_wants_to_keep_goes_over_to_the_next_version()
    {
        string Source(string version) => CompiledLibrary.Source(version, onResponse: "headers.Set(\"x-count\", config.Next().ToString());")
            .Replace("public sealed class VersionConfig\n", "public sealed class VersionConfig : ISwapState\n", StringComparison.Ordinal)
            .Replace("public string? Note { get; set; }", """
                public string? Note { get; set; }
                private int _count;
                public int Next() => Interlocked.Increment(ref _count);
                public byte[] SaveState() => BitConverter.GetBytes(_count);
                public void RestoreState(ReadOnlySpan<byte> state) => _count = BitConverter.ToInt32(state);
                """, StringComparison.Ordinal);
        CompiledLibrary.Write(_proxy.Library, Source("v1"));
        _proxy.Configure();
        await _proxy.StartAsync();
        Assert.Equal("1", await _proxy.HeaderAsync("x-count"));
        Assert.Equal("2", await _proxy.HeaderAsync("x-count"));

        CompiledLibrary.Write(_proxy.Library, Source("v2"));
        await _proxy.LogsAsync("version 2");
        Assert.Equal("3", await _proxy.HeaderAsync("x-count"));

        // So does it when the configuration is loaded again.
        _proxy.Process.Signal(PosixSignal.SIGHUP);
        await _proxy.LogsAsync("configuration reloaded");
        Assert.Equal("4", await _proxy.HeaderAsync("x-count"));
    }

    [Theory]
    [InlineData(
        "private static readonly Timer s_timer = new(Tick, null, 60_000, 60_000); private static void Tick(object? _) { }",
        "GC.KeepAlive(s_timer);",
        "a timer that calls Versions.VersionFilter.Tick")]
    [InlineData(
        "private static readonly object s_handler = Begin(); private static object Begin() { AppDomain.CurrentDomain.ProcessExit += OnExit; return new(); } private static void OnExit(object? _, EventArgs e) { }",
        "GC.KeepAlive(s_handler);",
        "the event AppDomain.ProcessExit, which calls Versions.VersionFilter.OnExit")]
    [InlineData(
        "private static readonly Thread s_thread = Begin(); private static Thread Begin() { var made = new Thread(Run) { IsBackground = true }; made.Start(); return made; } private static void Run() { while (true) Thread.Sleep(1000); }",
        "GC.KeepAlive(s_thread);",
        "a thread that Versions.VersionFilter.Begin makes, if it has not ended")]
    public async Task What_holds_a_version_that_nobody_uses_is_named(string members, string use, string holder)
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1", members, use));
        _proxy.Configure();
        await _proxy.StartAsync();
        Assert.Equal("v1", await _proxy.HeaderAsync());

        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v2"));
        await _proxy.BecomesAsync("v2");

        await _proxy.LogsAsync("its version 1 is not used any more and stays in memory: it is held by " + holder);
        Assert.Equal(1, (await _proxy.StatusAsync()).GetProperty("old_versions").GetInt32());
    }

    // Long streams hold the code that they began with; a filter at work is told by Aborted.
    [Fact]
    public async Task Of_too_many_old_versions_the_streams_of_the_oldest_end()
    {
        string Source(string version) => CompiledLibrary.Source(version, members: """
            public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            {
                if (headers.Contains("hold"u8)) { try { await Task.Delay(-1, Stream.Aborted); } catch (OperationCanceledException) { } }
                return FilterAction.Continue;
            }
            """);
        async Task<RawClient> HoldAsync()
        {
            var client = await RawClient.ConnectAsync(_proxy.Port);
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nhold: 1\r\n\r\n");
            return client;
        }

        CompiledLibrary.Write(_proxy.Library, Source("v1"));
        _proxy.Configure("""{"type":"library","library":{"path":"./filters.dll","filter":"version","old_versions":1},"config":{"note":"n"}}""");
        await _proxy.StartAsync();
        using var first = await HoldAsync();
        await _proxy.ActiveAsync(1);
        CompiledLibrary.Write(_proxy.Library, Source("v2"));
        await _proxy.BecomesAsync("v2");
        using var second = await HoldAsync();
        await _proxy.ActiveAsync(2);
        Assert.Equal(1, (await _proxy.StatusAsync()).GetProperty("old_versions").GetInt32());

        CompiledLibrary.Write(_proxy.Library, Source("v3"));
        await _proxy.BecomesAsync("v3");

        Assert.Equal("", await first.ReadToEndAsync());
        await _proxy.LogsAsync("1 stream of version 1 ended");
        await _proxy.ActiveAsync(1);
        await Eventually.HoldsAsync(() => _proxy.StatusAsync().GetAwaiter().GetResult().GetProperty("old_versions").GetInt32() == 1);
    }

    [Fact]
    public async Task Where_it_is_not_hot_only_the_admin_api_takes_a_new_version()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));
        _proxy.Configure("""{"type":"library","library":{"path":"./filters.dll","filter":"version","hot":"off"},"config":{"note":"n"}}""");
        await _proxy.StartAsync();
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v2"));

        _proxy.Process.Signal(PosixSignal.SIGHUP);
        await _proxy.LogsAsync("configuration reloaded");
        Assert.Equal("v1", await _proxy.HeaderAsync());
        Assert.False((await _proxy.StatusAsync()).GetProperty("hot").GetBoolean());

        Assert.Equal((400, $"there is no library 'nobody'; there are: {_proxy.Library}\n"), await _proxy.ReloadAsync("nobody"));
        Assert.Equal((200, $"reloaded {_proxy.Library}\n"), await _proxy.ReloadAsync("filters"));
        Assert.Equal("v2", await _proxy.HeaderAsync());
    }

    // As Kubernetes mounts a ConfigMap: the file is a link through a link to a folder, which is exchanged.
    [Fact]
    public async Task A_folder_that_is_exchanged_by_a_link_counts()
    {
        void Version(string name)
        {
            string folder = Directory.CreateDirectory(Path.Combine(_proxy.Folder, name)).FullName;
            CompiledLibrary.Write(Path.Combine(folder, "filters.dll"), CompiledLibrary.Source(name));
            string link = Path.Combine(_proxy.Folder, "..data_tmp");
            File.CreateSymbolicLink(link, name);
            // .NET's own follows links.
            using var move = System.Diagnostics.Process.Start("mv", ["-T", link, Path.Combine(_proxy.Folder, "..data")]);
            move.WaitForExit();
        }

        Version("first");
        File.CreateSymbolicLink(_proxy.Library, "..data/filters.dll");
        _proxy.Configure();
        await _proxy.StartAsync();
        Assert.Equal("first", await _proxy.HeaderAsync());

        Version("second");

        await _proxy.BecomesAsync("second");
    }

    [Fact]
    public async Task Mosns_spelling_loads_the_same_file()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));
        _proxy.Configure("""{"type":"loadso","go_plugin_config":{"so_path":"./filters.dll","factory_method":"CreateFilterFactory"},"config":{"note":"m"}}""");
        await _proxy.StartAsync();

        Assert.Equal("v1", await _proxy.HeaderAsync());
        Assert.Equal("m", await _proxy.HeaderAsync("x-note"));
    }

    [Fact]
    public async Task A_route_has_a_configuration_of_its_own_for_it()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1", onResponse: """headers.Set("x-route", Stream.ConfigurationOr(config).Note!);"""));
        _proxy.Configure(route: ""","per_filter_config":{"version":{"note":"own"}}""");
        await _proxy.StartAsync();
        Assert.Equal("own", await _proxy.HeaderAsync("x-route"));
    }

    [Fact]
    public async Task A_file_can_be_inspected()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));

        var (code, said, _) = await OutriderProcess.RunAsync("library", "inspect", _proxy.Library);

        Assert.Equal(0, code);
        Assert.Contains("filters.dll: a .NET assembly", said, StringComparison.Ordinal);
        Assert.Contains("refers to Outrider.Filters ", said, StringComparison.Ordinal);
        Assert.Contains("filter version, with a configuration\n    note: String\n", said, StringComparison.Ordinal);
        // A class that is a dictionary, by a context of its author's; and one with members that have members.
        Assert.Contains("filter demo, with a configuration\n    (any name): String\n", (await OutriderProcess.RunAsync("library", "inspect", Path.Combine(Path.GetDirectoryName(OutriderProcess.ProgramFile)!, "extensions", "Outrider.Samples.SimpleStreamFilter.dll"))).Out, StringComparison.Ordinal);
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1", config: "public sealed class Rule { public int Limit { get; set; } = 5; public Rule? Next { get; set; } }")
            .Replace("public string? Note { get; set; }", "public string? Note { get; set; } public Rule[] Rules { get; set; } = []; public required bool Strict { get; init; }", StringComparison.Ordinal));
        string nested = (await OutriderProcess.RunAsync("library", "inspect", _proxy.Library)).Out;
        Assert.Contains("    rules: Rule[]\n    rules[].limit: Int32, default \"5\"\n    rules[].next: Rule\n    rules[].next.limit: Int32, default \"5\"\n", nested, StringComparison.Ordinal);
        Assert.Contains("    strict: Boolean, required\n", nested, StringComparison.Ordinal);
        var (refused, _, error) = await OutriderProcess.RunAsync("library", "inspect", Path.Combine(_proxy.Folder, "none"));
        Assert.Equal((1, $"outrider: there is no file {_proxy.Folder}/none\n"), (refused, error));
    }

    [Fact]
    public async Task An_inspection_names_every_kind_of_extension_and_who_could_change_the_file()
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1", config: """
            [LoadBalancer("mine")] public sealed class Mine : ILoadBalancer { public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => throw new NotSupportedException(); }
            [MetadataDriver("UNIT")] public sealed class Unit : IMetadataDriver { public MetadataLabel BuildMetadata(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers) => MetadataLabel.None; }
            """));
        File.SetUnixFileMode(_proxy.Library, (UnixFileMode)0b110_110_110);

        string said = (await OutriderProcess.RunAsync("library", "inspect", _proxy.Library)).Out;

        Assert.Contains("\n  filter version, with a configuration\n    note: String\n  load balancer mine\n  metadata driver UNIT\n", said, StringComparison.Ordinal);
        Assert.Contains("filters.dll is not trusted (trusted_only): ", said, StringComparison.Ordinal);
        Assert.Contains("filters.dll may be written by everybody", said, StringComparison.Ordinal);
        CompiledLibrary.Write(_proxy.Library, "public sealed class NoFilter { }");
        Assert.Contains("  no extension: wanted a public class with [StreamFilter", (await OutriderProcess.RunAsync("library", "inspect", _proxy.Library)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_neither_is_refused_by_an_inspection()
    {
        async Task<string> RefusedAsync(string file)
        {
            var (code, said, error) = await OutriderProcess.RunAsync("library", "inspect", file);
            Assert.Equal((1, ""), (code, said));
            return error;
        }

        string text = Path.Combine(_proxy.Folder, "text.dll");
        File.WriteAllText(text, "hello");
        Assert.Equal($"outrider: cannot load the library {text}: neither a .NET assembly nor a shared library (an ELF file of 64 bits)\n", await RefusedAsync(text));
        // A program, of which ELF says the same as of a library.
        Assert.Equal("outrider: cannot load the library /bin/sh: it is no module of Envoy's ABI: it has no function envoy_dynamic_module_on_program_init\n", await RefusedAsync("/bin/sh"));
        File.WriteAllBytes(text, [(byte)'M', (byte)'Z', 1]);
        Assert.Equal($"outrider: cannot load the extension {text}: not a .NET assembly\n", await RefusedAsync(text));
    }

    // As the template's: beside the assembly there is what makes a module of it, and the file alone is copied.
    [Fact]
    public async Task An_assembly_of_a_project_that_can_be_a_module_needs_no_other_file()
    {
        CompiledLibrary.Write(
            _proxy.Library,
            CompiledLibrary.Source("v1") + """
            internal static class ModuleEntry
            {
                [System.Runtime.InteropServices.UnmanagedCallersOnly(EntryPoint = "envoy_dynamic_module_on_program_init")]
                private static nint OnProgramInit() => Outrider.Envoy.EnvoyModule.Start(static _ => { });
            }
            """,
            Microsoft.CodeAnalysis.MetadataReference.CreateFromFile(Path.Combine(AppContext.BaseDirectory, "Outrider.Envoy.dll")));
        _proxy.Configure();

        Assert.Equal(0, (await OutriderProcess.RunAsync("check", "-c", _proxy.Configuration)).Code);
        Assert.Contains("filter version", (await OutriderProcess.RunAsync("library", "inspect", _proxy.Library)).Out, StringComparison.Ordinal);
        await _proxy.StartAsync();
        Assert.Equal("v1", await _proxy.HeaderAsync());
    }

    [Theory]
    [InlineData("""{"type":"library","library":{"path":"./none.dll","filter":"version"}}""", "library.path: there is no file")]
    [InlineData("""{"type":"library","library":{"path":"./filters.dll","filter":"other"}}""", "library.filter: ")]
    [InlineData("""{"type":"library","library":{"path":"./filters.dll","filter":"version","hot":"maybe"}}""", "library.hot: wanted true or false")]
    [InlineData("""{"type":"library","library":{"path":"./filters.dll","filter":"version"},"config":{"nope":1}}""", "config.nope")]
    [InlineData("""{"type":"library","library":{"path":"./mosn.json","filter":"version"}}""", "mosn.json: neither a .NET assembly nor a shared library")]
    [InlineData("""{"type":"library","library":{"path":"./open.dll","filter":"version","trusted_only":true}}""", "open.dll may be written by everybody")]
    [InlineData("""{"type":"loadso","go_plugin_config":{"so_path":"./none.so","factory_method":"F"}}""", "go_plugin_config.so_path: there is no file")]
    [InlineData("""{"type":"loadso","go_plugin_config":{"so_path":"./filters.dll","factory":"F"}}""", "go_plugin_config.factory: unknown key")]
    public async Task What_is_wrong_is_named_with_its_place(string entry, string expected)
    {
        CompiledLibrary.Write(_proxy.Library, CompiledLibrary.Source("v1"));
        string open = Path.Combine(_proxy.Folder, "open.dll");
        File.Copy(_proxy.Library, open);
        File.SetUnixFileMode(open, (UnixFileMode)0b110_110_110);
        _proxy.Configure(entry);

        var (code, _, error) = await OutriderProcess.RunAsync("check", "-c", _proxy.Configuration);

        Assert.Equal(1, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }
}
