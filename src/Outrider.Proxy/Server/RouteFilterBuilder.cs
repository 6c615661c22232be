using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Entries;
using Outrider.Proxy.FilterChains;

namespace Outrider.Proxy.Server;

/// <summary>Reads what routes and virtual hosts configure for the filters of listeners (<c>per_filter_config</c>), with each filter's own reader.</summary>
/// <param name="registry">The stream filters.</param>
/// <param name="plugins">For filters that ask plugins.</param>
/// <param name="routers">The routers whose routes are looked at.</param>
/// <param name="folder">Where relative paths begin.</param>
/// <param name="problems">Where errors go.</param>
internal sealed class RouteFilterBuilder(StreamFilterRegistry registry, IPluginRegistry plugins, IReadOnlyList<RouterConfiguration> routers, string folder, List<ConfigurationProblem> problems)
{
    private readonly HashSet<RouteFilterConfiguration> _read = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _routersInUse = new(StringComparer.Ordinal);
    private readonly RegisteredParts _parts = registry.Parts;

    /// <summary>What the routes of this router have for these filters.</summary>
    /// <param name="router">The router.</param>
    /// <param name="factories">The filters' factories.</param>
    /// <param name="names">The filters' names.</param>
    /// <param name="before">What is in force for these filters, of which that stays of which the router says the same.</param>
    internal RouteConfigurations Build(RouterConfiguration router, IReadOnlyList<IStreamFilterFactory> factories, IReadOnlyList<string> names, RouteConfigurations before)
    {
        _ = _routersInUse.Add(router.Name);
        var inForce = new EntriesInForce(before.Values);
        var values = new List<MadeEntry>();
        var routes = new List<object?[]?>();
        foreach (var host in router.VirtualHosts)
        {
            object?[]? ofHost = ReadAll($"{router.Name}\n{host.Name}", host.Filters, null);
            routes.AddRange(host.Routes.Select(route => ReadAll($"{router.Name}\n{host.Name}\n{route.DisplayName}", route.Filters, ofHost)));
        }

        return values.Count == 0 ? RouteConfigurations.None : new RouteConfigurations(routes, values);

        object?[]? ReadAll(string place, IReadOnlyList<RouteFilterConfiguration> own, object?[]? inherited)
        {
            object?[]? found = null;
            for (int i = 0; i < factories.Count && own.Count > 0; i++)
            {
                string name = (factories[i] as IRouteConfigurableFactory)?.RouteConfigurationName ?? names[i];
                if (own.FirstOrDefault(filter => filter.Filter == name) is not { } filter)
                {
                    continue;
                }

                _ = _read.Add(filter);
                if (Read($"{place}\n{name}", filter, factories[i], names[i], inForce) is { } value)
                {
                    (found ??= inherited is null ? new object?[factories.Count] : [.. inherited])[i] = value.Made;
                    values.Add(value);
                }
            }

            return found ?? inherited;
        }
    }

    /// <summary>
    /// Looks for what nobody has read, once all listeners are built. A name that nothing has is an error; one of a filter that is just
    /// not in the chain is not, as chains may change while routes stay, but worth a word.
    /// </summary>
    internal IEnumerable<ConfigurationProblem> FindUnused()
    {
        foreach (var router in routers)
        {
            foreach (var unused in router.VirtualHosts.SelectMany(host => host.Filters.Concat(host.Routes.SelectMany(route => route.Filters))).Where(f => !_read.Contains(f)))
            {
                string text = $"no listener that uses this router has a stream filter named '{unused.Filter}'";
                if (registry.Find(unused.Filter) is null && _routersInUse.Contains(router.Name))
                {
                    problems.Add(unused.Value.Origin.Problem(text));
                }
                else
                {
                    yield return unused.Value.Origin.Problem(text + "; ignored");
                }
            }
        }
    }

    private MadeEntry? Read(string place, RouteFilterConfiguration filter, IStreamFilterFactory factory, string type, EntriesInForce inForce)
    {
        var own = factory as IRouteConfigurableFactory;
        var read = registry.FindRouteReader(type);
        try
        {
            if (own is null && !filter.Value.IsObject)
            {
                problems.Add(filter.Value.Origin.Problem($"found {filter.Value.Origin.Describe()}, wanted an object"));
                return null;
            }

            if (own is not null || read is not null)
            {
                return inForce.KeepOrMake(
                    type,
                    new EntryOrigin(own ?? (object)read!, _parts, place, folder, filter.Value.Json),
                    given => new FilterConfiguration(type, filter.Value.Json, folder) { HasHosts = true, Plugins = given },
                    plugins,
                    given => own is not null ? own.ReadRouteConfiguration(given) : read!(given));
            }

            problems.Add(filter.Value.Origin.Problem($"the stream filter '{type}' takes no configuration of a route"));
        }
        catch (FilterConfigurationException e)
        {
            problems.Add(filter.Problem(e));
        }
        catch (Exception e)
        {
            problems.Add(filter.Value.Origin.Problem($"the stream filter '{type}' cannot read it: {e.Message}"));
        }

        return null;
    }
}
