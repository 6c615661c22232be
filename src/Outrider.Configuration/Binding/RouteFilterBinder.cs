using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>per_filter_config</c> of a virtual host or a route. Which filters there are is known only when the listeners' chains are made.</summary>
internal static class RouteFilterBinder
{
    public static IReadOnlyList<RouteFilterConfiguration> Bind(ObjectReader owner)
    {
        if (owner.Object("per_filter_config") is not { } filters)
        {
            return [];
        }

        // Names of filters are compared exactly, unlike keys; of a name that stands twice the last value counts, with the reader's warning.
        var found = new Dictionary<string, ConfigurationNode>(StringComparer.Ordinal);
        foreach (ConfigurationMember member in filters.Node.Members)
        {
            if (member.Value.Kind == JsonValueKind.Null)
            {
                _ = found.Remove(member.Name);
            }
            else
            {
                found[member.Name] = member.Value;
            }
        }

        return [.. found.Select(pair => new RouteFilterConfiguration(pair.Key, pair.Value.ToValue()))];
    }
}
