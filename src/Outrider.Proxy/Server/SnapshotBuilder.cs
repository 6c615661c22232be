using System.Net;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Http.Streams;
using Outrider.Http.V1.Server;
using Outrider.Http.V2.Server;
using Outrider.Net.Listening;
using Outrider.Proxy.Entries;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Tcp;
using Outrider.Security;
using Outrider.Telemetry.Extensions;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>Compiles a listener's configuration. All that can be wrong with it is found out here, before anything of it is in force.</summary>
/// <param name="registry">The stream filters.</param>
/// <param name="plugins">For filters that ask plugins.</param>
/// <param name="files">Where access logs are opened; null to open none.</param>
/// <param name="tls">The certificates.</param>
/// <param name="log">Told what is odd, and later what fails when a configuration is let go of; any thread.</param>
/// <param name="extensions">What else connections can be given to; null for nothing.</param>
/// <param name="admin">What takes connections to the admin API; null where nothing is to run.</param>
internal sealed class SnapshotBuilder(
    StreamFilterRegistry registry, IPluginRegistry plugins, LogFiles? files, TlsContextSet tls, Action<StreamLogLevel, string> log, ConnectionExtensions? extensions = null, IConnectionHandlerFactory? admin = null)
{
    private readonly List<ConfigurationProblem> _problems = [];

    private readonly UpstreamProtocols _protocols = extensions?.Protocols ?? new UpstreamProtocols(null);

    /// <summary>What reads <c>extends</c>, once listeners are built.</summary>
    internal IReadOnlyList<IConfigurationExtension> Extends { get; private set; } = [];

    /// <summary>The snapshots in force: what filters have there stays where the configuration says the same of it. Default: none.</summary>
    internal IReadOnlyList<ListenerSnapshot> InForce { get; init; } = [];

    /// <summary>Told what is odd about the file; null: the log is.</summary>
    internal Action<ConfigurationProblem>? Warn { get; init; }

    /// <summary>Compiles all listeners, on routers that <see cref="Compile"/> has made.</summary>
    /// <exception cref="ConfigurationException">Lists everything that is wrong, with the routers too.</exception>
    internal IReadOnlyList<ListenerSnapshot> Build(ProxyConfiguration configuration, ClusterHandles clusters, IReadOnlyDictionary<string, CompiledRouter> routers)
    {
        var routes = new RouteFilterBuilder(registry, plugins, configuration.Server.Routers, configuration.Origin.Folder, _problems);
        var snapshots = new List<ListenerSnapshot>();
        // What is not bound is looked at like the others, or it would be found wrong only once somebody binds it.
        var unbound = new List<ListenerSnapshot>();
        foreach (var listener in configuration.Server.Listeners)
        {
            (listener.BindPort ? snapshots : unbound).Add(Build(listener, clusters, routers, routes));
        }

        foreach (var chain in configuration.NamedFilters)
        {
            // Whoever uses it, or nobody: what is wrong with it is wrong.
            var alone = new ListenerConfiguration { Name = chain.Name, Address = "", EndPoint = new IPEndPoint(IPAddress.Any, 0), StreamFilters = chain.Filters };
            BuildFilters(alone, new RouterConfiguration { Name = "" }, routes, null).Release();
        }

        Extends = new ExtendReader(extensions?.Configurations, _problems).Read(configuration);
        unbound.ForEach(snapshot => snapshot.Release());
        var warnings = routes.FindUnused().ToList();
        if (_problems.Count == 0)
        {
            warnings.ForEach(Warn ?? (warning => log(StreamLogLevel.Warn, warning.ToString())));
            return snapshots;
        }

        foreach (var snapshot in snapshots)
        {
            snapshot.Release();
        }

        // A listener's stream filters are made for each of its HTTP chains, and are wrong in each.
        throw new ConfigurationException([.. _problems.Distinct()]);
    }

    /// <summary>Compiles one listener.</summary>
    /// <exception cref="ConfigurationException">Lists everything that is wrong.</exception>
    internal ListenerSnapshot Build(ListenerConfiguration listener, ClusterHandles clusters, IReadOnlyDictionary<string, CompiledRouter> routers)
    {
        var routes = new RouteFilterBuilder(registry, plugins, [], Folder(listener), _problems);
        var snapshot = Build(listener, clusters, routers, routes);
        if (_problems.Count > 0)
        {
            snapshot.Release();
            throw new ConfigurationException([.. _problems.Distinct()]);
        }

        return snapshot;
    }

    /// <summary>Compiles routers; one that says what the one in force says keeps its table.</summary>
    internal Dictionary<string, CompiledRouter> Compile(IReadOnlyList<RouterConfiguration> routers, ClusterHandles clusters, IReadOnlyDictionary<string, CompiledRouter> inForce)
    {
        // Two of one name are the loader's error; whoever asks for all of them comes here with both.
        var compiled = new Dictionary<string, CompiledRouter>(StringComparer.Ordinal);
        foreach (var router in routers)
        {
            var before = inForce.GetValueOrDefault(router.Name);
            _ = compiled.TryAdd(router.Name, new CompiledRouter(
                router, before?.Configuration.IsSame(router) == true ? before.Table : new RouterTable(router, clusters, _protocols, _problems)));
        }

        return compiled;
    }

    /// <summary>A router has another table: compiles what its routes configure for the filters of the listeners that use it.</summary>
    /// <returns>What those listeners get in the place of what they have.</returns>
    /// <exception cref="ConfigurationException">Lists everything that is wrong; nothing is kept.</exception>
    internal Dictionary<ListenerSnapshot, ListenerSnapshot> With(CompiledRouter router, IEnumerable<ListenerSnapshot> snapshots)
    {
        var routes = new RouteFilterBuilder(registry, plugins, [router.Configuration], router.Configuration.Folder, _problems);
        var changed = new Dictionary<ListenerSnapshot, ListenerSnapshot>(ReferenceEqualityComparer.Instance);
        foreach (var snapshot in snapshots.Where(snapshot => snapshot.Configuration.RouterNames.Contains(router.Configuration.Name)))
        {
            changed.Add(snapshot, Routed(snapshot) with { HttpChains = snapshot.HttpChains.ToDictionary(chain => chain.Key, chain => Routed(chain.Value)) });
        }

        var warnings = routes.FindUnused().ToList();
        if (_problems.Count > 0)
        {
            foreach (var snapshot in changed.Values)
            {
                snapshot.Release();
            }

            throw new ConfigurationException([.. _problems.Distinct()]);
        }

        warnings.ForEach(warning => log(StreamLogLevel.Warn, warning.ToString()));
        return changed;

        ListenerSnapshot Routed(ListenerSnapshot snapshot)
        {
            if (snapshot.Router.Name == router.Configuration.Name)
            {
                return snapshot with { Router = router.Table, Filters = snapshot.Filters.WithRoutes(routes.Build(router.Configuration, snapshot.Filters.Factories, snapshot.Filters.Names, snapshot.Filters.Routes)) };
            }

            // Whoever lets go of the new snapshot lets go of all of its chains.
            snapshot.Filters.Retain();
            return snapshot;
        }
    }

    private ListenerSnapshot Build(ListenerConfiguration listener, ClusterHandles clusters, IReadOnlyDictionary<string, CompiledRouter> routers, RouteFilterBuilder routes)
    {
        var chains = new ChainBuilder(extensions ?? new ConnectionExtensions(), tls, clusters, plugins, _problems, admin)
        {
            InForce = InForce.FirstOrDefault(snapshot => snapshot.Configuration.Name == listener.Name)?.Chains,
        };
        var logs = BuildAccessLogs(listener);
        var others = new Dictionary<string, ListenerSnapshot>(StringComparer.Ordinal);
        foreach (var chain in listener.Chains.Where(chain => chain.Proxy is not null && chain != listener.HttpChain))
        {
            others[chain.Name] = Build(listener with { Chains = [chain] }, RouterOf(chain.Proxy!.RouterConfigName), clusters, routes, logs);
        }

        return Build(listener, RouterOf(listener.Proxy.RouterConfigName), clusters, routes, logs) with { Chains = chains.Build(listener), HttpChains = others };

        // None of a listener's name is the loader's error as well.
        CompiledRouter RouterOf(string name)
        {
            var none = new RouterConfiguration { Name = name };
            return routers.GetValueOrDefault(name) ?? new CompiledRouter(none, new RouterTable(none, clusters));
        }
    }

    private ListenerSnapshot Build(ListenerConfiguration listener, CompiledRouter router, ClusterHandles clusters, RouteFilterBuilder routes, List<AccessLogTarget> logs)
    {
        var limits = listener.Proxy.Limits;
        return new ListenerSnapshot
        {
            Configuration = listener,
            Limits = new Http.Rules.HttpLimits
            {
                MaxStartLine = limits.MaxRequestLineSize,
                StrictTarget = limits.StrictTarget,
                Underscores = limits.Underscores switch
                {
                    UnderscoreRule.Drop => Http.Rules.UnderscoreRule.Drop,
                    UnderscoreRule.Refuse => Http.Rules.UnderscoreRule.Refuse,
                    _ => Http.Rules.UnderscoreRule.Pass,
                },
                MaxHeaderBytes = limits.MaxHeaderSize,
                MaxHeaderCount = limits.MaxHeaderCount,
                MaxRequestBody = limits.MaxRequestBodySize,
                HeaderTimeout = Milliseconds(limits.HeaderTimeout),
                BodyTimeout = Milliseconds(limits.BodyTimeout),
                MinHeaderRate = limits.MinHeaderRate,
                MinBodyRate = limits.MinBodyRate,
                MinRateGrace = Milliseconds(limits.MinRateGrace),
                SendTimeout = Milliseconds(limits.SendTimeout),
                IdleTimeout = Milliseconds(listener.ConnectionIdleTimeout),
            },
            Http2 = listener.Proxy.Http2 is { } http2 ? Http2LimitsOf(http2) : null,
            Codec = Codec(listener, clusters),
            RouteHandler = RouteHandler(listener.Proxy),
            UpstreamProtocol = _protocols.Of(listener.Proxy.UpstreamProtocol, _problems),
            Router = router.Table,
            Clusters = clusters,
            Tls = tls.For(listener.HttpChain),
            Filters = BuildFilters(listener, router.Configuration, routes, FiltersInForce(listener)),
            AccessLogs = logs,
        };
    }

    private static Http.V2.Http2Limits Http2LimitsOf(Http2Configuration configuration) => new()
    {
        MaxConcurrentStreams = configuration.MaxConcurrentStreams,
        StreamWindow = configuration.StreamWindow,
        ConnectionWindow = configuration.ConnectionWindow,
        MaxFrameSize = configuration.MaxFrameSize,
        MaxHeaderList = configuration.MaxHeaderList,
        KeepaliveInterval = configuration.KeepaliveInterval,
        KeepaliveTimeout = configuration.KeepaliveTimeout,
        IsOnly = configuration.IsOnly,
    };

    private IRouteHandler? RouteHandler(ProxyFilterConfiguration proxy)
    {
        if (proxy.RouteHandler is "" or "default" || extensions?.RouteHandlers.Find(proxy.RouteHandler) is not null)
        {
            return proxy.RouteHandler.Length == 0 ? null : extensions?.RouteHandlers.Find(proxy.RouteHandler);
        }

        _problems.Add(proxy.RouteHandlerOrigin!.Problem(
            $"there is no route handler '{proxy.RouteHandler}'; there are: {string.Join(", ", (string[])["default", .. extensions?.RouteHandlers.Names ?? []])}"));
        return null;
    }

    private IServerCodec Codec(ListenerConfiguration listener, ClusterHandles clusters)
    {
        var codec = Codec(listener.Proxy);
        return listener.Proxy.Fallback is { } tcp
            ? new FallbackCodec(codec, new TcpProxy(tcp, clusters), listener.Proxy.Downstream, withTls: listener.HttpChain is { Tls.Count: > 0 })
            : codec;
    }

    private IServerCodec Codec(ProxyFilterConfiguration proxy)
    {
        if (proxy.Codec is not { } name)
        {
            // That of HTTP/1 finds out whether it is HTTP/2 that a client speaks, and then hands over.
            return proxy.Http2 is { IsOnly: true } ? Http2ServerCodec.Instance : Http1ServerCodec.Instance;
        }

        if (extensions?.Codecs.FindServer(name.Name) is { } codec)
        {
            return codec;
        }

        _problems.Add(name.Problem(
            $"no protocol of clients is named \"{name.Name}\"; there are: {string.Join(", ", (string[])["Http1", "Http2", "Auto", .. extensions?.Codecs.ServerNames ?? []])}"));
        return Http1ServerCodec.Instance;
    }

    private FilterSet BuildFilters(ListenerConfiguration listener, RouterConfiguration router, RouteFilterBuilder routes, FilterSet? before)
    {
        var inForce = new EntriesInForce(before?.Entries ?? [], TellLostState(log));
        var warn = Warn ?? TellWarning(log);
        var parts = registry.Parts;
        var entries = new List<MadeEntry>();
        foreach (var filter in listener.StreamFilters)
        {
            if (registry.Find(filter.Type) is not { } creator)
            {
                _problems.Add(filter.TypeProblem($"there is no stream filter '{filter.Type}'; there are: {string.Join(", ", registry.Names)}"));
                continue;
            }

            try
            {
                entries.Add(inForce.KeepOrMake(
                    filter.Type,
                    filter.ToOrigin(creator, parts),
                    given => filter.ToFilterConfiguration(given, warn),
                    plugins,
                    given => creator(given),
                    FilterSet.PartsOf));
            }
            catch (FilterConfigurationException e)
            {
                _problems.Add(filter.ConfigProblem(e));
            }
            catch (Exception e)
            {
                _problems.Add(filter.TypeProblem($"the stream filter '{filter.Type}' cannot be made: {e.Message}"));
            }
        }

        var filters = new FilterSet(entries, TellDisposal(log, listener.Name));
        var ofRoutes = routes.Build(router, filters.Factories, filters.Names, before?.Routes ?? RouteConfigurations.None);
        if (ofRoutes == RouteConfigurations.None)
        {
            return filters;
        }

        var all = filters.WithRoutes(ofRoutes);
        filters.Release();
        return all;
    }

    // Static, both: what is made keeps them, and must not keep this, which knows the snapshots of before.
    private static Action<string, Exception> TellDisposal(Action<StreamLogLevel, string> log, string listener)
        => (name, e) => log(StreamLogLevel.Error, $"filter '{name}' on listener '{listener}', when its configuration was disposed: {e}");

    private static Action<string, Exception> TellLostState(Action<StreamLogLevel, string> log)
        => (name, e) => log(StreamLogLevel.Warn, $"filter '{name}': its state was not carried over, and it begins empty: {e}");

    private static Action<ConfigurationProblem> TellWarning(Action<StreamLogLevel, string> log) => problem => log(StreamLogLevel.Warn, problem.ToString());

    // Those of the same listener's chain of the same name.
    private FilterSet? FiltersInForce(ListenerConfiguration listener)
    {
        string? chain = listener.HttpChain?.Name;
        return InForce.FirstOrDefault(snapshot => snapshot.Configuration.Name == listener.Name) is not { } snapshot ? null
            : snapshot.Configuration.HttpChain?.Name == chain ? snapshot.Filters
            : snapshot.HttpChains.GetValueOrDefault(chain ?? "")?.Filters;
    }

    private List<AccessLogTarget> BuildAccessLogs(ListenerConfiguration listener)
    {
        var targets = new List<AccessLogTarget>();
        foreach (var log in listener.AccessLogs)
        {
            try
            {
                // A filter may set any variable, so a name that the proxy does not know is a filter's where there are filters.
                Func<string, bool>? isUserVariable = listener.StreamFilters.Count > 0 ? static _ => true : null;
                var format = log.JsonFormat is { IsEmpty: false } json ? AccessLogJsonFormat.Parse(json, isUserVariable) : AccessLogFormat.Parse(log.Format ?? "", isUserVariable);
                var openIn = listener.BindPort ? files : null;
                if (openIn is null)
                {
                    LogFile.RequireWritable(log.Path);
                }

                targets.Add(new AccessLogTarget(format, openIn?.Open(log.Path)));
            }
            catch (FormatException e)
            {
                _problems.Add(FilterProblem.At(log.Origin, "log_format", e.Message));
            }
            catch (IOException e)
            {
                _problems.Add(FilterProblem.At(log.Origin, "log_path", e.Message));
            }
        }

        return targets;
    }

    private static string Folder(ListenerConfiguration listener) => listener.Text?.Folder ?? "/";

    private static int Milliseconds(TimeSpan time) => (int)Math.Min(time.TotalMilliseconds, int.MaxValue);
}
