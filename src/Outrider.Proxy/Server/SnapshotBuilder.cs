using Outrider.Filters;
using Outrider.Http.Streams;
using Outrider.Http.V1.Server;
using Outrider.Http.V2.Server;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Configuration.Problems;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Tls;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>Compiles a listener's configuration. All that can be wrong with it is found out here, before anything of it is in force.</summary>
/// <param name="registry">The stream filters.</param>
/// <param name="plugins">For filters that ask plugins.</param>
/// <param name="files">Where access logs are opened; null to open none.</param>
/// <param name="tls">The certificates.</param>
/// <param name="log">Told what is odd, and later what fails when a configuration is let go of; any thread.</param>
/// <param name="extensions">What else connections can be given to; null for nothing.</param>
internal sealed class SnapshotBuilder(
    StreamFilterRegistry registry, IPluginRegistry plugins, LogFiles? files, TlsContextSet tls, Action<StreamLogLevel, string> log, ConnectionExtensions? extensions = null)
{
    private readonly List<ConfigurationProblem> _problems = [];

    /// <summary>Compiles all listeners.</summary>
    /// <exception cref="ConfigurationException">Lists everything that is wrong.</exception>
    internal IReadOnlyList<ListenerSnapshot> Build(ProxyConfiguration configuration, ClusterHandles clusters)
    {
        var protocols = new UpstreamProtocols(extensions?.Codecs, _problems);

        // Two of one name, or none of a listener's name, are the loader's errors; whoever asks for all of them comes here with both.
        var routers = new Dictionary<string, (RouterConfiguration Configuration, RouterTable Table)>(StringComparer.Ordinal);
        foreach (var router in configuration.Server.Routers)
        {
            _ = routers.TryAdd(router.Name, (router, new RouterTable(router, clusters, protocols)));
        }

        var routes = new RouteFilterBuilder(registry, plugins, configuration, _problems);
        var chains = new ChainBuilder(extensions ?? new ConnectionExtensions(), tls, clusters, plugins, _problems);
        var snapshots = new List<ListenerSnapshot>();
        // What is not bound is looked at like the others, or it would be found wrong only once somebody binds it.
        var unbound = new List<ListenerSnapshot>();
        for (int i = 0; i < configuration.Server.Listeners.Count; i++)
        {
            var listener = configuration.Server.Listeners[i];
            var logs = BuildAccessLogs(configuration, listener, $"servers[0].listeners[{i}]");
            var others = new Dictionary<string, ListenerSnapshot>(StringComparer.Ordinal);
            foreach (var chain in listener.Chains.Where(chain => chain.Proxy is not null && chain != listener.HttpChain))
            {
                others[chain.Name] = Build(listener with { Chains = [chain] }, logs);
            }

            var snapshot = Build(listener, logs) with { Chains = chains.Build(listener), HttpChains = others };
            (listener.BindPort ? snapshots : unbound).Add(snapshot);
        }

        ListenerSnapshot Build(ListenerConfiguration listener, List<AccessLogTarget> logs)
        {
            if (!routers.TryGetValue(listener.Proxy.RouterConfigName, out var router))
            {
                var none = new RouterConfiguration { Name = listener.Proxy.RouterConfigName };
                router = (none, new RouterTable(none, clusters, protocols));
            }

            return this.Build(listener, router.Configuration, router.Table, clusters, protocols, routes, logs);
        }

        unbound.ForEach(snapshot => snapshot.Release());
        var warnings = routes.FindUnused().ToList();
        if (_problems.Count == 0)
        {
            warnings.ForEach(warning => log(StreamLogLevel.Warn, warning.ToString()));
            return snapshots;
        }

        foreach (var snapshot in snapshots)
        {
            snapshot.Release();
        }

        // A listener's stream filters are made for each of its HTTP chains, and are wrong in each.
        throw new ConfigurationException([.. _problems.Distinct()]);
    }

    private ListenerSnapshot Build(ListenerConfiguration listener, RouterConfiguration router, RouterTable table, ClusterHandles clusters, UpstreamProtocols protocols, RouteFilterBuilder routes, List<AccessLogTarget> logs)
    {
        var limits = listener.Proxy.Limits;
        return new ListenerSnapshot
        {
            Configuration = listener,
            Limits = new Http.Rules.HttpLimits
            {
                MaxStartLine = limits.MaxRequestLineSize,
                StrictTarget = limits.StrictTarget,
                Underscores = limits.Underscores,
                MaxHeaderBytes = limits.MaxHeaderSize,
                MaxHeaderCount = limits.MaxHeaderCount,
                MaxRequestBody = limits.MaxRequestBodySize,
                HeaderTimeout = Milliseconds(limits.HeaderTimeout),
                BodyTimeout = Milliseconds(limits.BodyTimeout),
                SendTimeout = Milliseconds(limits.SendTimeout),
                IdleTimeout = Milliseconds(listener.ConnectionIdleTimeout),
            },
            Http2 = listener.Proxy.Http2,
            Codec = Codec(listener.Proxy),
            UpstreamProtocol = protocols.Of(listener.Proxy.UpstreamProtocol),
            Router = table,
            Clusters = clusters,
            Tls = tls.For(listener.HttpChain),
            Filters = BuildFilters(listener, router, routes),
            AccessLogs = logs,
        };
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

    private FilterSet BuildFilters(ListenerConfiguration listener, RouterConfiguration router, RouteFilterBuilder routes)
    {
        var factories = new List<IStreamFilterFactory>();
        var names = new List<string>();
        foreach (var filter in listener.StreamFilters)
        {
            if (registry.Find(filter.Type) is not { } creator)
            {
                _problems.Add(filter.TypeProblem($"there is no stream filter '{filter.Type}'; there are: {string.Join(", ", registry.Names)}"));
                continue;
            }

            try
            {
                factories.Add(creator(filter.ToFilterConfiguration(plugins)));
                names.Add(filter.Type);
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

        return new FilterSet(factories, names, (name, e) => log(StreamLogLevel.Error, $"filter '{name}' on listener '{listener.Name}', when its configuration was disposed: {e}"))
        {
            Routes = routes.Build(router, factories, names),
        };
    }

    private List<AccessLogTarget> BuildAccessLogs(ProxyConfiguration configuration, ListenerConfiguration listener, string path)
    {
        var targets = new List<AccessLogTarget>();
        for (int i = 0; i < listener.AccessLogs.Count; i++)
        {
            var log = listener.AccessLogs[i];
            try
            {
                // A filter may set any variable, so a name that the proxy does not know is a filter's where there are filters.
                Func<string, bool>? isUserVariable = listener.StreamFilters.Count > 0 ? static _ => true : null;
                var format = log.JsonFormat is { } json ? AccessLogJsonFormat.Parse(json, isUserVariable) : AccessLogFormat.Parse(log.Format ?? "", isUserVariable);
                var openIn = listener.BindPort ? files : null;
                if (openIn is null)
                {
                    LogFile.RequireWritable(log.Path);
                }

                targets.Add(new AccessLogTarget(format, openIn?.Open(log.Path)));
            }
            catch (FormatException e)
            {
                _problems.Add(configuration.ProblemAt($"{path}.access_logs[{i}].log_format", e.Message));
            }
            catch (IOException e)
            {
                _problems.Add(configuration.ProblemAt($"{path}.access_logs[{i}].log_path", e.Message));
            }
        }

        return targets;
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Min(time.TotalMilliseconds, int.MaxValue);
}
