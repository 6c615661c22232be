using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the virtual hosts of one router, among which no domain may stand twice.</summary>
internal sealed class VirtualHostBinder(IReadOnlySet<string> clusters)
{
    private readonly Dictionary<(DomainKind, string, string), string> _taken = [];

    public VirtualHostConfiguration Bind(ObjectReader host)
    {
        var configuration = new VirtualHostConfiguration
        {
            Name = host.Text("name") ?? "",
            Domains = [.. host.Texts("domains").Select(node => Domain(host, node)).OfType<DomainConfiguration>()],
            Routes = [.. host.Objects("routers").Select(route => RouteBinder.Bind(route, clusters)).OfType<RouteConfiguration>()],
            HeaderMutations = HeaderMutationsBinder.Bind(host),
            Filters = RouteFilterBinder.Bind(host),
        };
        if (host.Array("domains").Count == 0)
        {
            host.Warning("domains", "no domain: this virtual host will never match (\"*\" matches every host)");
        }

        host.Ignore("require_tls");
        host.Finish();
        return configuration;
    }

    private DomainConfiguration? Domain(ObjectReader host, ConfigurationNode node)
    {
        if (Parse(node.Text) is not { } domain)
        {
            ObjectReader.Wrong(node, host.Problems, "a host, *.suffix or *, with a port or without");
            return null;
        }

        if (!_taken.TryAdd((domain.Kind, domain.Host, domain.Port), node.Path))
        {
            host.Problems.Error(node, $"{_taken[(domain.Kind, domain.Host, domain.Port)]} is the same domain");
            return null;
        }

        return domain;
    }

    private static DomainConfiguration? Parse(string text)
    {
        string host = text.ToLowerInvariant();
        string port = "";
        int colon = host.LastIndexOf(':');
        if (colon > host.LastIndexOf(']'))
        {
            port = host[(colon + 1)..];
            host = host[..colon];
        }

        bool isAddress = host.StartsWith('[') && host.EndsWith(']');
        if (host.Length == 0 || (host.Contains(':') && !isAddress) || (port.Length > 0 && port != "*" && !port.All(char.IsAsciiDigit)))
        {
            return null;
        }

        if (host == "*" && (port is "" or "*"))
        {
            return new DomainConfiguration(text, DomainKind.Default, "", "");
        }

        if (!host.Contains('*'))
        {
            return new DomainConfiguration(text, DomainKind.Exact, host, port);
        }

        // MOSN takes any suffix after the star; a second star could never match a host.
        return host[0] == '*' && !host[1..].Contains('*') ? new DomainConfiguration(text, DomainKind.Wildcard, host[1..], port) : null;
    }
}
