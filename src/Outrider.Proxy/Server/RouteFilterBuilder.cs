using Outrider.Filters;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
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

    /// <summary>What the routes of this router have for these filters.</summary>
    internal RouteConfigurations Build(RouterConfiguration router, IReadOnlyList<IStreamFilterFactory> factories, IReadOnlyList<string> names)
    {
        _ = _routersInUse.Add(router.Name);
        var values = new List<(string, object)>();
        var routes = new List<object?[]?>();
        foreach (var host in router.VirtualHosts)
        {
            object?[]? ofHost = Read(host.Filters, null, factories, names, values);
            routes.AddRange(host.Routes.Select(route => Read(route.Filters, ofHost, factories, names, values)));
        }

        return values.Count == 0 ? RouteConfigurations.None : new RouteConfigurations(routes, values);
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

    private object?[]? Read(
        IReadOnlyList<RouteFilterConfiguration> own, object?[]? inherited, IReadOnlyList<IStreamFilterFactory> factories, IReadOnlyList<string> names, List<(string, object)> values)
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
            if (Read(filter, factories[i], names[i]) is { } value)
            {
                (found ??= inherited is null ? new object?[factories.Count] : [.. inherited])[i] = value;
                values.Add((names[i], value));
            }
        }

        return found ?? inherited;
    }

    private object? Read(RouteFilterConfiguration filter, IStreamFilterFactory factory, string type)
    {
        var given = new FilterConfiguration(type, filter.Value.Json, folder) { HasHosts = true, Plugins = plugins };
        try
        {
            if (factory is IRouteConfigurableFactory own)
            {
                return own.ReadRouteConfiguration(given);
            }

            if (!filter.Value.IsObject)
            {
                problems.Add(filter.Value.Origin.Problem($"found {filter.Value.Origin.Describe()}, wanted an object"));
                return null;
            }

            if (registry.FindRouteReader(type) is { } read)
            {
                return read(given);
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
