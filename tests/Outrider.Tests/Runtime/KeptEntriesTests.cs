using System.Text;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Proxy.Entries;
using Outrider.Proxy.Listening;
using Outrider.StockFilters;
using Outrider.Tests.Harness;
using Outrider.Tests.Network;

namespace Outrider.Tests.Runtime;

/// <summary>A change of the configuration makes only that of extensions anew of which it says something else.</summary>
public sealed class KeptEntriesTests
{
    private const string OneAnHour = """{"type":"local_rate_limit","config":{"token_bucket":{"max_tokens":1,"tokens_per_fill":1,"fill_interval":"3600s"}}}""";
    private const string Tea = """{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"tea"}}""";

    [Fact]
    public async Task The_buckets_of_local_rate_limit_go_over_a_reload_that_does_not_touch_them()
    {
        await using var proxy = await TestProxy.StartJsonAsync(Json(Tea, OneAnHour), Stock());
        Assert.Equal(200, await StatusAsync(proxy));
        Assert.Equal(429, await StatusAsync(proxy));

        // Another route, another filter before it, and other white space.
        string other = Tea.Replace("tea", "coffee", StringComparison.Ordinal);
        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(other, """{"type":"payload_limit","config":{"max_entity_size":100,"http_status":413}},""" + OneAnHour.Replace(",", " ,\n ", StringComparison.Ordinal))));
        Assert.Equal(429, await StatusAsync(proxy));

        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(other, OneAnHour.Replace("\"max_tokens\":1", "\"max_tokens\":2", StringComparison.Ordinal))));
        Assert.Equal(200, await StatusAsync(proxy));
        Assert.Equal(200, await StatusAsync(proxy));
        Assert.Equal(429, await StatusAsync(proxy));
    }

    [Fact]
    public async Task A_listener_that_a_source_gives_anew_keeps_what_it_says_the_same_of()
    {
        string configuration = Json(Tea, OneAnHour);
        await using var proxy = await TestProxy.StartJsonAsync(configuration, Stock());
        Assert.Equal(200, await StatusAsync(proxy));

        await TakeAsync(proxy, ConfigurationResourceKind.Listener, "l", ListenerJson("127.0.0.1:0", OneAnHour, "\"max_connections\":100,"));
        Assert.Equal(429, await StatusAsync(proxy));
        await TakeAsync(proxy, ConfigurationResourceKind.Router, "r", RuntimeStoreTests.RouterJson("r", Tea.Replace("tea", "pot", StringComparison.Ordinal)));
        Assert.Equal(429, await StatusAsync(proxy));
        await TakeAsync(proxy, ConfigurationResourceKind.Listener, "l", ListenerJson("127.0.0.1:0", OneAnHour.Replace("3600s", "7200s", StringComparison.Ordinal)));
        Assert.Equal(200, await StatusAsync(proxy));
    }

    [Fact]
    public async Task What_a_route_configures_stays_with_its_route()
    {
        var words = new Words();
        string Route(string prefix, string word) => $$$$"""{"match":{"prefix":"{{{{prefix}}}}"},"direct_response":{"status":200},"per_filter_config":{"word":{"Text":"{{{{word}}}}"}}}""";
        await using (var proxy = await TestProxy.StartJsonAsync(Json(Route("/a", "same") + "," + Route("/b", "same"), """{"type":"word"}"""), words.Registry))
        {
            var (a, b) = (words.Of("same")[0], words.Of("same")[1]);

            // One before them, one gone; then by a source that gives the router alone.
            await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(Route("/c", "third") + "," + Route("/b", "same"), """{"type":"word"}""")));
            Assert.Equal(2, words.Of("same").Count);
            await Eventually.HoldsAsync(() => a.Disposals == 1);
            Assert.Equal(0, b.Disposals);
            await TakeAsync(proxy, ConfigurationResourceKind.Router, "r", RuntimeStoreTests.RouterJson("r", Route("/b", "same")));
            Assert.Equal(2, words.Of("same").Count);
            await Eventually.HoldsAsync(() => words.Of("third").Single().Disposals == 1);
            Assert.Equal(0, b.Disposals);
        }

        Assert.All(words.All, word => Assert.Equal(1, word.Disposals));
    }

    [Fact]
    public async Task One_that_is_changed_is_made_anew_and_the_old_one_disposed_with_its_last_stream()
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await go.Task;
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        });
        var words = new Words();
        const string ToUp = """{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}""";
        string Word(string text) => $$$"""{"type":"word","config":{"Text":"{{{text}}}"}}""";
        await using (var proxy = await TestProxy.StartJsonAsync(Json(ToUp, $"{Word("a")},{Word("b")},{Word("a")}", upstream.Address), words.Registry))
        {
            var kept = words.Of("a");
            Assert.Equal(2, kept.Count);
            using var client = await RawClient.ConnectAsync(proxy.Port);
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            await Eventually.HoldsAsync(() => upstream.Received.Length > 0);

            // The first and the last change their places with nobody, and the middle one is another.
            await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(ToUp, $"{Word("a")},{Word("c")},{Word("a")}", upstream.Address)));
            Assert.Equal(["a", "b", "a", "c"], words.All.Select(word => word.Text));
            Assert.Equal(0, words.Of("b").Single().Disposals);
            go.SetResult();
            Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => words.Of("b").Single().Disposals == 1);

            // What is refused takes nothing of what is in force with it.
            _ = await Assert.ThrowsAsync<Outrider.Configuration.Problems.ConfigurationException>(
                () => proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(ToUp, $"{Word("a")},{Word("d")},{Word("")}", upstream.Address))));
            Assert.All(kept.Concat(words.Of("c")), word => Assert.Equal(0, word.Disposals));
            Assert.Equal(1, words.Of("d").Single().Disposals);

            await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(ToUp, $"{Word("c")},{Word("a")}", upstream.Address)));
            await Eventually.HoldsAsync(() => kept.Sum(word => word.Disposals) == 1);
            Assert.Equal(2, words.Of("a").Count);
            Assert.Single(words.Of("c"));
        }

        Assert.All(words.All, word => Assert.Equal(1, word.Disposals));
    }

    [Fact]
    public async Task A_file_that_holds_something_else_makes_its_reader_anew()
    {
        string folder = Directory.CreateTempSubdirectory("outrider-kept-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "word.txt"), "one");
            var words = new Words();
            string json = Json(Tea, """{"type":"word","config":{"File":"word.txt"}}""");
            string file = Path.Combine(folder, "mosn.json");
            await using var proxy = await TestProxy.StartJsonAsync(json, words.Registry, file: file);
            var configuration = Outrider.Configuration.ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), file).Configuration;

            await proxy.Server.ReloadAsync(configuration);
            Assert.Equal(["one"], words.All.Select(word => word.Text));
            await File.WriteAllTextAsync(Path.Combine(folder, "word.txt"), "two");
            await proxy.Server.ReloadAsync(configuration);
            Assert.Equal(["one", "two"], words.All.Select(word => word.Text));
            File.Delete(Path.Combine(folder, "word.txt"));
            _ = await Assert.ThrowsAsync<Outrider.Configuration.Problems.ConfigurationException>(() => proxy.Server.ReloadAsync(configuration));
            Assert.Equal(0, words.Of("two").Single().Disposals);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task One_that_says_that_it_cannot_be_kept_is_made_anew()
    {
        var words = new Words { MayKeep = false };
        string json = Json(Tea, """{"type":"word","config":{"Text":"a"}}""");
        await using var proxy = await TestProxy.StartJsonAsync(json, words.Registry);

        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(json));

        Assert.Equal(2, words.All.Count);
        await Eventually.HoldsAsync(() => words.All[0].Disposals == 1);
        Assert.Equal(0, words.All[1].Disposals);
    }

    [Fact]
    public async Task Network_and_listener_filters_and_handlers_of_extensions_stay_as_well()
    {
        var (networks, listeners, handlers) = (new List<string>(), new List<string>(), new List<string>());
        var extensions = new ConnectionExtensions();
        extensions.NetworkFilters.Add("net", configuration =>
        {
            networks.Add(configuration.ReadText());
            var script = new NetworkScript();
            return script.Create;
        });
        extensions.ListenerFilters.Add("look", configuration =>
        {
            listeners.Add(configuration.ReadText());
            return new GoOn();
        });
        extensions.Handlers.Add("end", configuration =>
        {
            handlers.Add(Encoding.UTF8.GetString(configuration.Span));
            return new Ending();
        });
        string Json(int net, int look, int end, int most) => $$$$"""
            {"servers":[{"overload_delay":"0s","default_log_path":"/dev/null","processor":1,"listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"max_connections":{{{{most}}}},
            "listener_filters":[{"type":"look","config":{"n":{{{{look}}}}}}],
            "filter_chains":[{"filters":[{"type":"net","config":{"n":{{{{net}}}}}},{"type":"end","config":{"n":{{{{end}}}}}}]}]}]}],
            "cluster_manager":{"clusters":[]}}
            """;
        await using var proxy = await TestProxy.StartJsonAsync(Json(1, 1, 1, 10), extensions: extensions);

        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(1, 1, 1, 20)));
        Assert.Equal((1, 1, 1), (networks.Count, listeners.Count, handlers.Count));
        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(2, 1, 1, 20)));
        Assert.Equal((2, 1, 1), (networks.Count, listeners.Count, handlers.Count));
        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(2, 2, 1, 20)));
        Assert.Equal((2, 2, 1), (networks.Count, listeners.Count, handlers.Count));
        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(2, 2, 2, 20)));
        Assert.Equal((2, 2, 2), (networks.Count, listeners.Count, handlers.Count));
    }

    [Fact]
    public async Task A_driver_that_is_another_one_now_makes_anew_what_can_name_it()
    {
        var words = new Words();
        string json = Json(Tea, """{"type":"word","config":{"Text":"a"}}""");
        await using var proxy = await TestProxy.StartJsonAsync(json, words.Registry);

        words.Registry.MetadataDrivers.Add("mine", _ => throw new NotSupportedException());
        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(json));

        Assert.Equal(2, words.All.Count);
    }

    [Fact]
    public void An_entry_stays_with_its_plugin_and_tells_the_next_configuration_of_it()
    {
        var (one, two) = (new Registry("one"), new Registry("one"));
        int made = 0;
        MadeEntry Make(EntriesInForce before, Registry plugins) => before.KeepOrMake(
            "asker",
            new EntryOrigin("maker", RegisteredParts.None, "asker", "/", "{}"u8.ToArray()),
            given => new FilterConfiguration("asker", "{}"u8.ToArray(), "/") { Plugins = given },
            plugins,
            given =>
            {
                made++;
                return given.Plugins.Register("checker");
            });
        var first = Make(new EntriesInForce([]), one);

        Assert.Same(first, Make(new EntriesInForce([first]), two));
        Assert.Equal(["checker"], two.Asked);
        Assert.Equal(1, made);

        // Other processes, or none.
        var third = Make(new EntriesInForce([first]), new Registry("another"));
        Assert.NotSame(first, third);
        Assert.Equal(2, made);
        _ = Assert.Throws<FilterConfigurationException>(() => Make(new EntriesInForce([third]), new Registry(null)));
    }

    [Theory]
    [InlineData("""{"a":1,"b":[true,null]}""", """ { "a" : 1 , "b" : [ true , null ] } """, true)]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""", false)]
    [InlineData("""{"a":1}""", """{"a":1.0}""", false)]
    [InlineData("""{"a":"1"}""", """{"a":1}""", false)]
    [InlineData("""{"a":[1]}""", """{"a":[1,2]}""", false)]
    [InlineData("", "{}", false)]
    public void Entries_say_the_same_where_only_white_space_differs(string one, string other, bool isSame)
    {
        object maker = new();
        EntryOrigin Of(string json, object? by = null, string place = "p", string folder = "/", string parts = "") => new(by ?? maker, Parts(parts), place, folder, Encoding.UTF8.GetBytes(json));

        Assert.Equal(isSame, Of(one).IsSame(Of(other)));
        Assert.Equal(isSame, Of(other).IsSame(Of(one)));
        Assert.True(Of(one).IsSame(Of(one)));
        Assert.False(Of(one).IsSame(Of(one, new object())));
        Assert.False(Of(one).IsSame(Of(one, place: "q")));
        Assert.False(Of(one).IsSame(Of(one, folder: "/etc")));
        Assert.False(Of(one).IsSame(Of(one, parts: "driver")));
    }

    // Where several stand in one place, those that stay are nobody's predecessors.
    [Fact]
    public async Task What_is_made_anew_is_given_the_state_of_what_it_follows()
    {
        List<Counter> all = [];
        var registry = Counting(all);
        await using var proxy = await TestProxy.StartJsonAsync(Json(Tea, $"{Count("a")},{Count("b")}"), registry);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(200, await StatusAsync(proxy));
        }

        all[1].Value = 30;

        // By a file, and then by a source, again and again.
        await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Json(Tea, $"{Count("a")},{Count("c")}")));
        Assert.Equal([("a", 3), ("b", 30), ("c", 30)], all.Select(counter => (counter.Name, counter.Value)));
        await TakeAsync(proxy, ConfigurationResourceKind.Listener, "l", ListenerJson("127.0.0.1:0", $"{Count("d")},{Count("c")}"));
        Assert.Equal(("d", 3), (all[^1].Name, all[^1].Value));
        all[^1].Value = 4;
        await TakeAsync(proxy, ConfigurationResourceKind.Listener, "l", ListenerJson("127.0.0.1:0", $"{Count("e")},{Count("f")},{Count("g")}"));
        Assert.Equal([("e", 4), ("f", 30), ("g", 0)], all[^3..].Select(counter => (counter.Name, counter.Value)));
        Assert.Equal(200, await StatusAsync(proxy));
        Assert.Equal(5, all[^3].Value);
    }

    [Fact]
    public async Task State_that_cannot_be_read_leaves_the_next_one_empty_and_is_told()
    {
        List<Counter> all = [];
        var registry = Counting(all);
        string log = Path.GetTempFileName();
        try
        {
            string Configured(string name) => Json(Tea, Count(name)).Replace("/dev/null", log, StringComparison.Ordinal);
            await using var proxy = await TestProxy.StartJsonAsync(Configured("a"), registry);
            all[0].Value = -1;

            await proxy.Server.ReloadAsync(RuntimeStoreTests.Parse(Configured("b")));

            Assert.Equal(0, all[1].Value);
            Assert.Equal(200, await StatusAsync(proxy));
            await Eventually.HoldsAsync(() => File.ReadAllText(log).Contains("filter 'count': its state was not carried over", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static RegisteredParts Parts(string name) => name.Length == 0 ? RegisteredParts.None : new([KeyValuePair.Create(name, (Delegate)Stock)]);

    // Filters named "count", each with a counter of its own.
    private static StreamFilterRegistry Counting(List<Counter> all)
    {
        var registry = new StreamFilterRegistry();
        registry.Add("count", configuration =>
        {
            var counter = new Counter(configuration.ReadText().Split('"')[3]);
            all.Add(counter);
            return counter;
        }, static counter => new CountFilter(counter));
        return registry;
    }

    private static string Count(string name) => $$$"""{"type":"count","config":{"name":"{{{name}}}"}}""";

    private static StreamFilterRegistry Stock()
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        return registry;
    }

    private static async Task<int> StatusAsync(TestProxy proxy)
    {
        string response = await RawClient.ExchangeAsync(RuntimeStoreTests.PortOf(proxy, "l"), "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        return int.Parse(response.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task TakeAsync(TestProxy proxy, ConfigurationResourceKind kind, string name, string json)
        => Assert.Empty((await proxy.Server.Store.ApplyAsync("test", [new ConfigurationResource(kind, name, Encoding.UTF8.GetBytes(json))]).SoonAsync()).SelectMany(result => result.Problems));

    private static string ListenerJson(string address, string filters, string more = "") => $$$"""
        {"name":"l","address":"{{{address}}}","bind_port":true,{{{more}}}"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}],"stream_filters":[{{{filters}}}]}
        """;

    private static string Json(string routes, string filters, string up = "127.0.0.1:1") => $$$"""
        {"servers":[{"overload_delay":"0s","default_log_path":"/dev/null","graceful_timeout":"5s","processor":1,
        "routers":[{{{RuntimeStoreTests.RouterJson("r", routes)}}}],"listeners":[{{{ListenerJson("127.0.0.1:0", filters)}}}]}],
        "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{{up}}}"}]}]}}
        """;

    internal sealed class Counter(string name) : ISwapState
    {
        internal string Name => name;

        internal int Value { get; set; }

        public byte[] SaveState() => Value >= 0 ? BitConverter.GetBytes(Value) : throw new InvalidOperationException("not now");

        public void RestoreState(ReadOnlySpan<byte> state) => Value = BitConverter.ToInt32(state);
    }

    private sealed class CountFilter(Counter counter) : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            counter.Value++;
            return FilterAction.Continue;
        }
    }

    // A filter "word" whose configuration objects a test can count.
    private sealed class Words
    {
        internal Words()
        {
            Registry.Add("word", Read, static word => new WordFilter());
        }

        internal StreamFilterRegistry Registry { get; } = new();

        internal bool MayKeep { get; init; } = true;

        internal List<Word> All { get; } = [];

        internal List<Word> Of(string text) => All.FindAll(word => word.Text == text);

        private Word Read(FilterConfiguration configuration)
        {
            var word = (Word)configuration.Read(System.Text.Json.JsonSerializerOptions.Default.GetTypeInfo(typeof(Word)));
            word.MayKeep = MayKeep;
            // A listener's without a text is not what is counted.
            if (word.Text != "none")
            {
                All.Add(word);
            }

            return word;
        }
    }

    internal sealed class Word : IValidatable, IFileUser, IKeepable, IDisposable
    {
        private int _disposals;

        public string Text { get; set; } = "none";

        public string File { get; set; } = "";

        [JsonIgnore]
        internal bool MayKeep { get; set; }

        internal int Disposals => Volatile.Read(ref _disposals);

        public void Validate()
        {
            if (Text.Length == 0)
            {
                throw new FilterConfigurationException("$.Text", "a word is needed");
            }
        }

        public void ReadFiles(ConfigurationFiles files)
        {
            if (File.Length > 0)
            {
                Text = Encoding.UTF8.GetString(files.Read("$.File", File, 100));
            }
        }

        public bool CanBeKept(FilterConfiguration configuration) => MayKeep;

        public void Dispose() => Interlocked.Increment(ref _disposals);
    }

    private sealed class WordFilter : StreamFilter
    {
        public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream) => FilterAction.Continue;
    }

    private sealed class GoOn : IListenerFilter
    {
        public ListenerFilterResult Inspect(AcceptedConnection connection, ReadOnlySpan<byte> received, bool isAll) => ListenerFilterResult.Continue;
    }

    private sealed class Ending : IConnectionHandlerFactory
    {
        public TransportHandler Create(Transport transport, IConnectionOwner owner, ConnectionOpening opening) => throw new NotSupportedException("nobody connects");
    }

    private sealed class Registry(string? processes) : IPluginRegistry
    {
        internal List<string> Asked { get; } = [];

        public IPlugin Register(string name, PluginOptions? options = null)
        {
            Asked.Add(name);
            return processes is null ? throw new FilterConfigurationException("$.plugin", "there is none") : new Given(name, processes);
        }
    }

    private sealed class Given(string name, string processes) : IRegisteredPlugin
    {
        private readonly string _processes = processes;

        public string Name => name;

        public bool IsSame(IPlugin other) => other is Given given && given._processes == _processes;

        public ValueTask<PluginResponse> CallAsync(PluginRequest request, TimeSpan timeout, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
