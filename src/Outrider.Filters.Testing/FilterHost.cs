using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>
/// A base in memory, for unit tests: a chain of filters, routes, clusters and plugins that the test answers for, and a clock that the test moves. Filters live
/// by the same rules as in Outrider's proxy, in Envoy and in nginx (the driver is the same), on one thread of the host's own.
/// </summary>
/// <remarks>
/// <para>Build it up, then send: what is added after the first request is an error. All members but <see cref="SendAsync"/>, <see cref="OpenAsync"/>,
/// <see cref="AdvanceAsync"/> and <see cref="SettleAsync"/> are for one thread at a time.</para>
/// <para>What it has not: a network, TLS, retries, timeouts of a base, tracing spans, typed filter state.</para>
/// </remarks>
public sealed class FilterHost : IDisposable, IAsyncDisposable
{
    /// <summary>The cluster that a request goes to where the test has no routes.</summary>
    public const string DefaultCluster = "upstream";

    private readonly List<FilterEntry> _filters = [];
    private readonly List<TestRoute> _routes = [];
    private readonly Dictionary<string, TestCluster> _clusters = new(StringComparer.Ordinal);
    private readonly List<TestLogLine> _log = [];
    private readonly TestPlugins _plugins;
    private TestChain? _chain;
    private long _lastId;
    private bool _isDisposed;

    /// <summary>An empty chain in front of an upstream that answers 200 with nothing.</summary>
    public FilterHost()
    {
        _plugins = new TestPlugins(Clock);
        OnUpstream(static _ => new TestResponse(200));
    }

    /// <summary>The time that filters see (<see cref="StreamContext.Time"/>, <see cref="FilterConfiguration.Time"/>, callouts' time-outs). It stands still until the test moves it.</summary>
    public TestClock Clock { get; } = new();

    /// <summary>The metrics that the filters' configurations have made.</summary>
    public TestMetrics Metrics { get; } = new();

    /// <summary>What the filters have logged, and what the host has logged of their failures. A copy. Any thread.</summary>
    public IReadOnlyList<TestLogLine> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>The least urgent level that is logged. Default <see cref="StreamLogLevel.Trace"/>: all.</summary>
    public StreamLogLevel LogLevel { get; init; } = StreamLogLevel.Trace;

    /// <summary>How many bytes of a body filters may collect. Default 1 MiB, as in Outrider.</summary>
    public long MaxBufferedBody { get; init; } = 1 << 20;

    /// <summary>Where relative paths in filters' configurations begin. Default: the current folder.</summary>
    public string BaseDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>How long <see cref="SendAsync"/> waits at most, by a real clock, before it says which filter does not answer. Default 10 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The address that clients have connected to. Default <c>127.0.0.1:80</c>.</summary>
    public string LocalAddress { get; init; } = "127.0.0.1:80";

    /// <summary>The name of the listener. Default <c>test</c>.</summary>
    public string ListenerName { get; init; } = "test";

    /// <summary>What TLS has agreed on with clients; null, the default, for plain text.</summary>
    public StreamTls? DownstreamTls { get; init; }

    /// <summary>Attributes by name, over those that the host knows by itself (<c>request.*</c>, <c>response.code</c>, <c>source.address</c>, <c>xds.*</c>): texts, numbers (<see cref="long"/>) and flags.</summary>
    public IDictionary<string, object> Attributes { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    internal TestLoop Loop { get; } = new();

    /// <summary>Adds a filter by its class, as configurations do by its name. The class may be an <see cref="IStreamFilterFactory"/>, too.</summary>
    /// <param name="config">Its configuration, JSON; null for none.</param>
    /// <returns>The host itself.</returns>
    /// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
    /// <exception cref="InvalidOperationException">No base could make a filter of that class.</exception>
    public FilterHost Add<TFilter>(string? config = null) where TFilter : class
    {
        var (creator, readRoute) = AttributedFilter.Of(typeof(TFilter));
        string name = AttributedFilter.NameOf(typeof(TFilter));
        return Add(name, creator(Configuration(name, config)), readRoute);
    }

    /// <summary>Adds a filter of a registry, by its name.</summary>
    /// <param name="registry">Where it is registered.</param>
    /// <param name="name">Its name.</param>
    /// <param name="config">Its configuration, JSON; null for none.</param>
    /// <returns>The host itself.</returns>
    /// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
    /// <exception cref="ArgumentException">There is no such filter.</exception>
    public FilterHost Add(StreamFilterRegistry registry, string name, string? config = null)
    {
        ArgumentNullException.ThrowIfNull(registry);
        var creator = registry.Find(name) ?? throw new ArgumentException($"there is no filter '{name}'; there are: {string.Join(", ", registry.Names)}", nameof(name));
        return Add(name, creator(Configuration(name, config)), registry.FindRouteReader(name));
    }

    /// <summary>Adds a filter that the test makes itself, for each stream.</summary>
    /// <param name="create">Makes it.</param>
    /// <param name="phase">Where its receiver side runs.</param>
    /// <returns>The host itself.</returns>
    public FilterHost Add<TFilter>(Func<TFilter> create, ReceiverPhase phase = ReceiverPhase.BeforeRoute) where TFilter : StreamFilter
        => Add(AttributedFilter.NameOf(typeof(TFilter)), new StreamFilterFactory<TFilter>(create, phase));

    /// <summary>Adds a filter by its factory.</summary>
    /// <param name="name">Its name, for routes and for what the test reads.</param>
    /// <param name="factory">Makes it; disposed with the host where it is <see cref="IDisposable"/>.</param>
    /// <param name="readRoute">Reads what a route configures for it; null where it takes nothing of a route.</param>
    /// <returns>The host itself.</returns>
    public FilterHost Add(string name, IStreamFilterFactory factory, Func<FilterConfiguration, object>? readRoute = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(factory);
        ThrowIfBegun();
        foreach (var part in factory is IStreamFilterGroup group ? group.Parts : [factory])
        {
            _filters.Add(new FilterEntry(name, part, readRoute));
        }

        return this;
    }

    /// <summary>Adds a route behind those that are there. Without any, all requests go to <see cref="DefaultCluster"/>.</summary>
    /// <returns>The host itself.</returns>
    public FilterHost AddRoute(TestRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        ThrowIfBegun();
        _routes.Add(route);
        return this;
    }

    /// <summary>Answers for the upstream of <see cref="DefaultCluster"/>.</summary>
    /// <returns>The host itself.</returns>
    public FilterHost OnUpstream(Func<TestRequest, TestResponse> answer) => OnCluster(DefaultCluster, answer);

    /// <summary>Answers for a cluster: what is routed there, and callouts to it. What it throws is to filters a connection that failed.</summary>
    /// <returns>The host itself.</returns>
    public FilterHost OnCluster(string name, Func<TestRequest, TestResponse> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return OnCluster(name, (request, _) => Task.FromResult(answer(request)));
    }

    /// <summary>As <see cref="OnCluster(string, Func{TestRequest, TestResponse})"/>, for an answer that takes its time. The token is cancelled when nobody waits for it any more.</summary>
    /// <returns>The host itself.</returns>
    public FilterHost OnCluster(string name, Func<TestRequest, CancellationToken, Task<TestResponse>> answer)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(answer);
        ThrowIfBegun();
        _clusters[name] = new TestCluster(name, answer);
        return this;
    }

    /// <summary>Answers for a plugin. Before the filter is added that registers it.</summary>
    /// <returns>The host itself.</returns>
    public FilterHost AddPlugin(string name, Func<PluginRequest, PluginResponse> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return AddPlugin(name, (request, _) => ValueTask.FromResult(answer(request)));
    }

    /// <summary>As <see cref="AddPlugin(string, Func{PluginRequest, PluginResponse})"/>, for an answer that takes its time.</summary>
    /// <returns>The host itself.</returns>
    public FilterHost AddPlugin(string name, Func<PluginRequest, CancellationToken, ValueTask<PluginResponse>> answer)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(answer);
        _plugins.Add(name, answer);
        return this;
    }

    /// <summary>The configuration that a filter of that name would be given here: to try how it is read.</summary>
    public FilterConfiguration Configuration(string name, string? config) => new(name, config is null ? default(ReadOnlyMemory<byte>) : Encoding.UTF8.GetBytes(config), BaseDirectory)
    {
        Metrics = Metrics,
        Plugins = _plugins,
        Time = Clock,
        HasHosts = true,
    };

    /// <summary>A cluster, to read what it was asked.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public TestCluster Cluster(string name) => _clusters[name];

    /// <summary>Sends a whole request, and waits until the exchange is over and its filters have ended. Any thread.</summary>
    /// <exception cref="TimeoutException">A filter has not answered within <see cref="Patience"/>: its name is said. A filter that waits for <see cref="Clock"/> needs <see cref="AdvanceAsync"/> meanwhile.</exception>
    public async Task<TestExchange> SendAsync(TestRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var stream = await OpenAsync(request, request.Pieces.Count == 0 && request.Trailers.Count == 0);
        for (int i = 0; i < request.Pieces.Count; i++)
        {
            await stream.WriteAsync(request.Pieces[i], endStream: request.Trailers.Count == 0 && i == request.Pieces.Count - 1);
        }

        if (request.Trailers.Count > 0)
        {
            await stream.WriteTrailersAsync();
        }

        return await stream.Completion;
    }

    /// <summary>Sends the head of a request, whose body follows piece by piece as the test wants; what the request itself has of a body is not sent. Any thread.</summary>
    /// <param name="request">The head.</param>
    /// <param name="endStream">Does nothing follow it?</param>
    public async Task<TestStream> OpenAsync(TestRequest request, bool endStream = false)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        TestStream? stream = null;
        await Loop.RunAsync(() =>
        {
            _chain ??= new TestChain(this, _filters, _routes, _clusters);
            var run = new StreamRun(this, _chain, request, ++_lastId);
            stream = new TestStream(this, run, request);
            run.Begin(endStream);
        });
        return stream!;
    }

    /// <summary>Lets time pass, behind what filters have to do by now, and waits until they have done what comes of it. Any thread.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        await SettleAsync();
        await Loop.RunAsync(() => Clock.Advance(time));
        await SettleAsync();
    }

    /// <summary>Waits until filters have done what they have to do by now; what they await elsewhere may not have come back. Any thread.</summary>
    public async Task SettleAsync()
    {
        // What a completed wait has posted may post once more: a filter's end, and the stream's.
        for (int i = 0; i < 4; i++)
        {
            await Loop.RunAsync(static () => { });
        }
    }

    /// <summary>Ends the host's thread, and disposes of the filters' configurations. Not from a filter.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        Loop.Dispose();
        foreach (var entry in _filters)
        {
            (entry.Factory as IDisposable)?.Dispose();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal void WriteLog(TestLogLine line)
    {
        lock (_log)
        {
            _log.Add(line);
        }
    }

    private void ThrowIfBegun()
    {
        if (_chain is not null)
        {
            throw new InvalidOperationException("the host has served a request: its chain is what it is");
        }
    }
}
