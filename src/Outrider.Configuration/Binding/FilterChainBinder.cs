using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds a listener's <c>filter_chains</c>.</summary>
internal sealed class FilterChainBinder(ProblemLog problems, RouterBinder routers, IReadOnlySet<string> clusters)
{
    /// <summary>The chains of a listener; those with errors may be missing.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="isBound">Does it listen? One that does not may be there for its stream filters alone, as MOSN's in Envoy.</param>
    public IReadOnlyList<FilterChainConfiguration> Bind(ObjectReader listener, bool isBound)
    {
        List<FilterChainConfiguration> chains = [];
        var nodes = listener.Array("filter_chains");
        var otherwise = listener.Object("default_filter_chain");
        if (isBound && nodes.Count == 0 && otherwise is null && listener.Take("filter_chains") is null or { Kind: JsonValueKind.Array })
        {
            listener.Error("filter_chains", "must hold a filter chain at least, holds none");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var matches = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
        {
            if (ObjectReader.Open(nodes[i], problems) is { } chain)
            {
                Bind(chain, $"filter_chains[{i}]", FilterChainMatchBinder.Bind(chain));
            }
        }

        if (otherwise is not null)
        {
            foreach (string key in (ReadOnlySpan<string>)["match", "filter_chain_match"])
            {
                if (otherwise.Take(key) is not null)
                {
                    otherwise.Error(key, "has no place in a default_filter_chain, which is for the connections that no other chain is for");
                }
            }

            Bind(otherwise, "default_filter_chain", FilterChainMatchConfiguration.Default);
        }

        return chains;

        void Bind(ObjectReader chain, string place, FilterChainMatchConfiguration match)
        {
            string name = chain.Text("name") ?? place;
            if (!names.Add(name))
            {
                chain.Error("name", "another filter chain of this listener has the same name");
            }

            if (!matches.TryAdd(match.Key, name))
            {
                problems.Error(chain.Node, $"matches the same connections as \"{matches[match.Key]}\", and would never be chosen");
            }

            var tls = TlsBinder.BindSet(chain);
            if (End(chain) is { } end)
            {
                // A chain that does not end in HTTP offers what its configuration says, and nothing of itself.
                var offered = end.Proxy is { } proxy ? [.. tls.Select(context => Http2Binder.WithProtocols(context, proxy.Downstream))] : tls;
                if (end.Proxy is not null && tls.Where((context, place) => context.ApplicationProtocols.Count > 0 && offered[place].ApplicationProtocols.Count == 0).Any())
                {
                    chain.Warning("filters", "speaks nothing of what \"alpn\" lists, so that no protocol is offered; h2 needs a downstream_protocol with Http2");
                }

                chains.Add(end with { Name = name, Match = match, Tls = offered });
            }

            chain.Finish();
        }
    }

    private FilterChainConfiguration? End(ObjectReader chain)
    {
        FilterChainConfiguration? end = null;
        List<StreamFilterConfiguration> before = [];
        bool isEmpty = true;
        var nodes = chain.Array("filters");
        int last = nodes.Count - 1;
        for (; last > 0 && nodes[last].Find("type") is { Text: "connection_manager" }; last--)
        {
        }

        for (int i = 0; i < nodes.Count; i++)
        {
            isEmpty &= false;
            if (ObjectReader.Open(nodes[i], problems) is not { } filter || filter.RequiredText("type") is not { } type)
            {
                continue;
            }

            if (type == "connection_manager")
            {
                filter.Excuse("type", "connection_manager is MOSN's old place for a router; better move it to servers[0].routers");
                routers.AddDeprecated(filter.Object("config"));
                isEmpty = end is null;
            }
            else if (end is { Proxy.Fallback: null } && end.Proxy.FallsBack && type == "tcp_proxy")
            {
                end = end with { Proxy = end.Proxy with { Fallback = TcpProxyBinder.Bind(filter, clusters) ?? new TcpProxyConfiguration() } };
            }
            else if (end is not null)
            {
                problems.Error(nodes[i], $"stands behind {end.Handler}, which ends a filter chain: one filter takes its connections");
                _ = filter.Take("config");
            }
            else if (i < last && type is not ("proxy" or "tcp_proxy"))
            {
                before.Add(new StreamFilterConfiguration { Type = type, Entry = nodes[i].ToValue(), ConfigValue = filter.Take("config")?.ToValue() });
            }
            else
            {
                end = End(filter, nodes[i], type);
            }

            _ = filter.Take("go_plugin_config");
            filter.Finish();
        }

        if (isEmpty)
        {
            chain.Error("filters", "must hold a filter that takes the connections, of type \"proxy\" or \"tcp_proxy\"");
        }

        if (end?.Proxy is { FallsBack: true, Fallback: null })
        {
            problems.Error((end.Config?.Origin ?? end.Origin ?? chain.Node).At("fallback_for_unknown_protocol"), "wants a tcp_proxy behind this filter, which takes what is not HTTP");
        }

        return end is null ? null : end with { Filters = before };
    }

    private FilterChainConfiguration? End(ObjectReader filter, ConfigurationNode node, string type)
    {
        var end = new FilterChainConfiguration { Name = "", Handler = type, Origin = node, Config = filter.Take("config")?.ToValue() };
        switch (type)
        {
            case "proxy":
                return end with { Proxy = ProxyFilterBinder.Bind(filter, routers) ?? new ProxyFilterConfiguration { RouterConfigName = "" } };
            case "tcp_proxy":
                return end with { TcpProxy = TcpProxyBinder.Bind(filter, clusters) ?? new TcpProxyConfiguration() };
            default:
                // Whether there is such a one is known once extensions are loaded.
                return end;
        }
    }
}
