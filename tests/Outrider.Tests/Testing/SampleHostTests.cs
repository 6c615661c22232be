using Outrider.Assemblies;
using Outrider.Filters;
using Outrider.Filters.Testing;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Testing;

/// <summary>Each filter of the samples in the host of unit tests, out of the assembly that a configuration would name. Each has a test of its folder's name.</summary>
public sealed class SampleHostTests
{
    private static readonly string s_samples = Path.Combine(SampleCopy.Root, "samples");
    private static readonly string s_build = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;

    /// <summary>The folders of all projects that bring a stream filter, from <c>samples</c> on.</summary>
    public static TheoryData<string> Projects =>
    [
        .. Directory.EnumerateFiles(s_samples, "*.csproj", SearchOption.AllDirectories)
            // A project takes the sources of another by Compile.
            .Where(static project => File.ReadAllText(project).Contains("<Compile Include", StringComparison.Ordinal)
                || Directory.EnumerateFiles(Path.GetDirectoryName(project)!, "*.cs").Any(static source => File.ReadAllText(source).Contains("[StreamFilter(", StringComparison.Ordinal)))
            .Select(static project => Path.GetRelativePath(s_samples, Path.GetDirectoryName(project)!)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Each_sample_has_its_test_here(string folder)
        => Assert.Contains(
            typeof(SampleHostTests).GetMethods(),
            method => method.Name.StartsWith($"Sample_{folder.Replace('-', '_').Replace('/', '_')}_", StringComparison.Ordinal));

    [Fact]
    public Task Sample_simple_streamfilter_wants_all_headers() => WantsAllHeadersAsync("simple-streamfilter");

    [Fact]
    public Task Sample_dynamic_library_filter_wants_all_headers() => WantsAllHeadersAsync("dynamic-library-filter");

    [Fact]
    public async Task Sample_envoy_token_knows_the_token_of_a_path()
    {
        await using var host = With("envoy-token", "example-1", """{"secret":"secret"}""");

        var missing = await host.SendAsync(TestRequest.Get("/"));
        Assert.Equal((403, "missing token", true), (missing.Status, missing.Body, missing.Upstream is null));
        Assert.Equal("invalid token", (await host.SendAsync(TestRequest.Get("/").With("token", "c64319d06364528120a9f96af62ea83e"))).Body);
        Assert.Equal("invalid token", (await host.SendAsync(TestRequest.Get("/other").With("token", "c64319d06364528120a9f96af62ea83d"))).Body);
        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/").With("token", "c64319d06364528120a9f96af62ea83d"))).Status);
        Assert.Equal("$.secret", Refused("envoy-token", "example-1", "{}").Path);
    }

    [Fact]
    public async Task Sample_envoy_basic_auth_asks_and_a_route_asks_otherwise()
    {
        await using var host = With("envoy-basic-auth", "basic-auth", """{"username":"foo","password":"bar","realm":"shop"}""")
            .AddRoute(new TestRoute("/admin") { Filters = new Dictionary<string, string> { ["basic-auth"] = """{"username":"admin","password":"secret"}""" } })
            .AddRoute(new TestRoute("/public") { Filters = new Dictionary<string, string> { ["basic-auth"] = """{"open":true}""" } })
            .AddRoute(new TestRoute("/"));
        async Task<int> StatusAsync(string path, string user)
            => (await host.SendAsync(TestRequest.Get(path).With("authorization", "basic  " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(user))))).Status;

        var nobody = await host.SendAsync(TestRequest.Get("/"));
        Assert.Equal((401, "basic_auth", "Basic realm=\"shop\""), (nobody.Status, nobody.Details, nobody.Response!.GetHeader("www-authenticate")));
        Assert.Equal((200, 401), (await StatusAsync("/", "foo:bar"), await StatusAsync("/", "foo:baz")));
        Assert.Equal((401, 200), (await StatusAsync("/admin", "foo:bar"), await StatusAsync("/admin", "admin:secret")));
        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/public"))).Status);
        Assert.Equal("$.username", Refused("envoy-basic-auth", "basic-auth", """{"username":"a:b"}""").Path);
        Assert.Equal("$.realm", Refused("envoy-basic-auth", "basic-auth", """{"username":"a","realm":"\""}""").Path);
    }

    // Its service is asked by an HttpClient of its own, which no host of tests sees: so it is a real one.
    [Fact]
    public async Task Sample_envoy_remote_basic_auth_asks_its_service()
    {
        using var service = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } question)
            {
                bool right = question.EndsWith("""{"username":"foo","password":"bar"}""", StringComparison.Ordinal);
                await connection.SendAsync(right ? "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" : "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
            }
        });
        await using var host = With("envoy-remote-basic-auth", "remote-basic-auth", $$"""{"check_url":"http://{{service.Address}}/check"}""");
        async Task<TestExchange> AskAsync(string authorization) => await host.SendAsync(TestRequest.Get("/").With("authorization", authorization));

        Assert.Equal("no Authorization", (await host.SendAsync(TestRequest.Get("/"))).Body);
        Assert.Equal("invalid Authorization format", (await AskAsync("Bearer x")).Body);
        Assert.Equal("invalid Authorization format", (await AskAsync("Basic " + Convert.ToBase64String("nocolon"u8))).Body);
        Assert.Equal("invalid username or password", (await AskAsync("Basic " + Convert.ToBase64String("foo:baz"u8))).Body);
        var passed = await AskAsync("Basic " + Convert.ToBase64String("foo:bar"u8));
        Assert.Equal((200, "foo"), (passed.Status, passed.Upstream!.GetHeader("x-user")));
        Assert.Equal("$.check_url", Refused("envoy-remote-basic-auth", "remote-basic-auth", """{"check_url":"/check"}""").Path);
    }

    [Fact]
    public async Task Sample_envoy_metadata_says_the_version()
    {
        await using var host = With("envoy-metadata", "version", """{"default":"v7"}""");

        Assert.Equal("v2", (await host.SendAsync(TestRequest.Get("/").With("x-version", "v2"))).Metadata["envoy.lb"]["version"].GetString());
        Assert.Equal("v7", (await host.SendAsync(TestRequest.Get("/"))).Metadata["envoy.lb"]["version"].GetString());
        Assert.Equal("$.header", Refused("envoy-metadata", "version", """{"header":"x y"}""").Path);
    }

    // The text is cut at every place, and its beginning stands at the end.
    [Fact]
    public async Task Sample_envoy_streaming_finds_what_two_pieces_have()
    {
        const string Text = "an abc, ab, abcabc and ab";
        for (int at = 1; at < Text.Length; at++)
        {
            await using var host = With("envoy-streaming", "rewrite", """{"find":"abc","replace":"12345"}""").OnUpstream(_ => new TestResponse(200, Text[..at], Text[at..]).With("content-length", "25"));

            var exchange = await host.SendAsync(TestRequest.Get("/"));

            Assert.Equal(("an 12345, ab, 1234512345 and ab", null), (exchange.Body, exchange.Response!.GetHeader("content-length")));
        }

        await using var trailing = With("envoy-streaming", "rewrite", """{"find":"abc"}""").OnUpstream(_ => new TestResponse(200, "abcab").WithTrailer("x-t", "1"));
        Assert.Equal("ab", (await trailing.SendAsync(TestRequest.Get("/"))).Body);
        Assert.Equal("$.find", Refused("envoy-streaming", "rewrite", """{"find":""}""").Path);
    }

    [Fact]
    public async Task Sample_grpc_filter_keeps_the_key_and_names_the_caller()
    {
        await using var host = With("grpc/filter", "api-key", """{"k1":"one"}""").OnUpstream(_ => new TestResponse(200, "x").WithTrailer("grpc-status", "0"));

        var passed = await host.SendAsync(TestRequest.Post("/greet.Greeter/SayHello", "x").With("x-api-key", "k1"));
        Assert.Equal((200, "one", null), (passed.Status, passed.Upstream!.GetHeader("x-caller"), passed.Upstream.GetHeader("x-api-key")));
        Assert.Equal("one", passed.Response!.Trailers.Single(static field => field.Key == "x-caller").Value);
        Assert.Equal((401, "no such key"), ((await host.SendAsync(TestRequest.Post("/", "x").With("x-api-key", "k2"))).Status, (await host.SendAsync(TestRequest.Post("/", "x"))).Body));
        Assert.Equal("$", Refused("grpc/filter", "api-key", "{}").Path);
    }

    [Fact]
    public Task Sample_subprocess_filter_demo_plugin_asks_its_process() => AsksItsProcessAsync("subprocess-filter/demo-plugin");

    [Fact]
    public Task Sample_library_with_subprocess_asks_its_process() => AsksItsProcessAsync("library-with-subprocess");

    private static async Task WantsAllHeadersAsync(string folder)
    {
        await using var host = With(folder, "demo", """{"User":"admin","Team":"a"}""");

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/").With("user", "admin").With("team", "a"))).Status);
        var refused = await host.SendAsync(TestRequest.Get("/").With("user", "admin"));
        Assert.Equal((403, true, true), (refused.Status, refused.IsLocalReply, refused.Upstream is null));
        Assert.Equal(403, (await host.SendAsync(TestRequest.Get("/").With("user", "eve").With("team", "a"))).Status);
        Assert.Equal("$.a b", Refused(folder, "demo", """{"a b":"c"}""").Path);
    }

    private static async Task AsksItsProcessAsync(string folder)
    {
        var registry = Load(folder);
        await using var host = new FilterHost().AddPlugin("checker", static async (request, cancellation) =>
        {
            if (request.Header.ContainsKey("Slow"))
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            return new PluginResponse { Status = request.Header.TryGetValue("User", out string? user) && user == "admin" ? 1 : -1 };
        });
        _ = host.Add(registry, "demo_plugin", """{"config_path":"./checkconf.json"}""");

        Assert.Equal(200, (await host.SendAsync(TestRequest.Get("/").With("user", "admin"))).Status);
        Assert.Equal(403, (await host.SendAsync(TestRequest.Get("/"))).Status);
        // It gives its process a second.
        var waiting = host.SendAsync(TestRequest.Get("/").With("slow", "1"));
        await host.SettleAsync();
        await host.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(500, (await waiting).Status);
        Assert.Throws<FilterConfigurationException>(() => new FilterHost().Add(registry, "demo_plugin", "{}"));
    }

    private static FilterHost With(string folder, string name, string config) => new FilterHost().Add(Load(folder), name, config);

    private static FilterConfigurationException Refused(string folder, string name, string config) => Assert.Throws<FilterConfigurationException>(() => With(folder, name, config));

    private static StreamFilterRegistry Load(string folder)
    {
        string output = Path.Combine(s_samples, folder, "bin", s_build, "net10.0"), project = Path.GetFileNameWithoutExtension(Directory.GetFiles(Path.Combine(s_samples, folder), "*.csproj").Single());
        // The assembly has the project's name, or one that the project gives it.
        string named = File.ReadAllText(Path.Combine(s_samples, folder, project + ".csproj")).Split("<AssemblyName>") is [_, var rest] ? rest.Split('<')[0] : project;
        var registry = new StreamFilterRegistry();
        _ = ExtensionAssembly.Load(Path.Combine(output, named + ".dll"), registry, new CertificateProviderRegistry());
        return registry;
    }
}
