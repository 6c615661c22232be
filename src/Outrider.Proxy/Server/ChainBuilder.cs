using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Net.Listening;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Entries;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Network;
using Outrider.Proxy.Tcp;
using Outrider.Security;
using Outrider.Telemetry.Extensions;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>Compiles a listener's filter chains and listener filters.</summary>
/// <param name="extensions">What they can name.</param>
/// <param name="tls">The certificates.</param>
/// <param name="clusters">The handles of the clusters.</param>
/// <param name="plugins">For filters that ask plugins.</param>
/// <param name="problems">Where what is wrong goes.</param>
/// <param name="admin">What takes connections to the admin API; null where it is only looked whether all is right.</param>
internal sealed class ChainBuilder(ConnectionExtensions extensions, TlsContextSet tls, ClusterHandles clusters, IPluginRegistry plugins, List<ConfigurationProblem> problems, IConnectionHandlerFactory? admin)
{
    /// <summary>The listener's table in force, of which that stays of which the configuration says the same; null for none.</summary>
    internal ChainTable? InForce { get; init; }

    /// <summary>The table of a listener; null where there is one chain, for all connections, that speaks HTTP, and nothing that looks at them before.</summary>
    internal ChainTable? Build(ListenerConfiguration listener)
    {
        if (listener.IsPlain)
        {
            return null;
        }

        var chains = listener.Chains.Select((chain, index) => Build(chain, index, (int)listener.ListenerFiltersTimeout.TotalMilliseconds)).ToList();
        var filters = BuildFilters(listener, out var entries);
        return new ChainTable(chains, filters, (int)listener.ListenerFiltersTimeout.TotalMilliseconds) { FilterEntries = entries };
    }

    private FilterChain Build(FilterChainConfiguration chain, int index, int timeout)
    {
        var before = InForce?.Chains.FirstOrDefault(other => other.Name == chain.Name);
        var filters = NetworkFilters(chain, before?.Filters, timeout);
        var handler = Handler(chain, before?.HandlerEntry, out var entry);
        return new FilterChain(index, chain.Name, chain.Match, tls.For(chain), filters, handler) { HandlerEntry = entry };
    }

    private NetworkFilterSet? NetworkFilters(FilterChainConfiguration chain, NetworkFilterSet? before, int timeout)
    {
        if (chain.Filters.Count == 0)
        {
            return null;
        }

        var inForce = new EntriesInForce(before?.Entries ?? []);
        List<MadeEntry> entries = [];
        foreach (var filter in chain.Filters)
        {
            if (extensions.NetworkFilters.Find(filter.Type) is not { } creator)
            {
                problems.Add(filter.TypeProblem($"there is no network filter '{filter.Type}' that may stand before {chain.Handler}; there are: {string.Join(", ", extensions.NetworkFilters.Names)}"));
                continue;
            }

            try
            {
                entries.Add(inForce.KeepOrMake(filter.Type, filter.ToOrigin(creator), given => filter.ToFilterConfiguration(given), plugins, given => creator(given)));
            }
            catch (FilterConfigurationException e)
            {
                problems.Add(filter.ConfigProblem(e));
            }
            catch (Exception e)
            {
                problems.Add(filter.TypeProblem($"the network filter '{filter.Type}' cannot be made: {e.Message}"));
            }
        }

        return new NetworkFilterSet(entries, timeout);
    }

    private IConnectionHandlerFactory? Handler(FilterChainConfiguration chain, MadeEntry? before, out MadeEntry? entry)
    {
        entry = null;
        if (chain.Proxy is not null)
        {
            return null;
        }

        if (chain.TcpProxy is { } tcp)
        {
            return new TcpProxy(tcp, clusters);
        }

        if (chain.Handler == AdminApi.Name)
        {
            if (chain.Config is { HasContent: true } config)
            {
                problems.Add(config.Origin.Problem("takes no configuration here: what the admin API is told stands under admin"));
            }

            return admin ?? AdminApi.Nothing;
        }

        if (extensions.Handlers.Find(chain.Handler) is not { } creator)
        {
            if (extensions.NetworkFilters.Find(chain.Handler) is not null)
            {
                problems.Add(FilterProblem.At(chain.Origin, "type", $"'{chain.Handler}' sees connections and takes none: put a filter behind it that does, such as proxy or tcp_proxy"));
                return null;
            }

            problems.Add(FilterProblem.At(chain.Origin, "type",
                $"there is no network filter '{chain.Handler}' that takes connections; there are: {string.Join(", ", (string[])["proxy", "tcp_proxy", AdminApi.Name, .. extensions.Handlers.Names])}"));
            return null;
        }

        try
        {
            var config = chain.Config?.Json ?? default;
            string folder = (chain.Config?.Origin ?? chain.Origin)?.Folder ?? "/";
            entry = new EntriesInForce(before is null ? [] : [before]).KeepOrMake(
                chain.Handler,
                new EntryOrigin(creator, RegisteredParts.None, chain.Handler, folder, config),
                given => new FilterConfiguration(chain.Handler, config, folder) { Plugins = given },
                plugins,
                _ => creator(config));
            return (IConnectionHandlerFactory)entry.Made;
        }
        catch (FormatException e)
        {
            problems.Add(FilterProblem.At(chain.Config?.Origin ?? chain.Origin, "", e.Message));
            return null;
        }
    }

    private List<IListenerFilter> BuildFilters(ListenerConfiguration listener, out IReadOnlyList<MadeEntry> entries)
    {
        List<IListenerFilter> filters = [];
        List<MadeEntry> made = [];
        entries = made;
        var inForce = new EntriesInForce(InForce?.FilterEntries ?? []);
        if (listener.UseOriginalDst && listener.ListenerFilters.All(filter => filter.Type != OriginalDestinationFilter.Name))
        {
            filters.Add(new OriginalDestinationFilter(listener.IsTransparent ? new OriginalDestinationOptions { Type = "tproxy" } : null));
        }

        foreach (var filter in listener.ListenerFilters)
        {
            try
            {
                if (BuiltInListenerFilters.Create(filter.Type, filter.ToFilterConfiguration(plugins)) is { } builtIn)
                {
                    filters.Add(builtIn);
                }
                else if (extensions.ListenerFilters.Find(filter.Type) is { } creator)
                {
                    var entry = inForce.KeepOrMake(filter.Type, filter.ToOrigin(creator), given => filter.ToFilterConfiguration(given), plugins, given => creator(given));
                    made.Add(entry);
                    filters.Add((IListenerFilter)entry.Made);
                }
                else
                {
                    problems.Add(filter.TypeProblem(
                        $"there is no listener filter '{filter.Type}'; there are: {string.Join(", ", [.. BuiltInListenerFilters.Names, .. extensions.ListenerFilters.Names])}"));
                }
            }
            catch (FilterConfigurationException e)
            {
                problems.Add(filter.ConfigProblem(e));
            }
            catch (Exception e)
            {
                problems.Add(filter.TypeProblem($"the listener filter '{filter.Type}' cannot be made: {e.Message}"));
            }
        }

        // Whoever chooses by what stands in a ClientHello wants somebody to look into it.
        if (listener.Chains.Any(chain => chain.Match.NeedsHello) && !filters.Any(filter => filter is TlsInspector))
        {
            filters.Add(new TlsInspector());
        }

        return filters;
    }
}
