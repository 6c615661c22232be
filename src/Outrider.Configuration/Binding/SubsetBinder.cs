using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds what divides clusters: <c>lb_subset_config</c>, and the metadata of hosts and routes under MOSN's name for it or Envoy's.</summary>
internal static class SubsetBinder
{
    private static readonly IReadOnlyDictionary<string, string> s_none = new Dictionary<string, string>();

    /// <summary>A cluster's subsets; null when it has none.</summary>
    public static SubsetConfiguration? Bind(ObjectReader cluster)
    {
        if (cluster.Object("lb_subset_config") is not { } subsets)
        {
            return null;
        }

        var fallback = (SubsetFallback)subsets.Integer("fall_back_policy", 0, 0, 2);
        var ofDefault = subsets.Object("default_subset") is { } reader ? Texts(reader) : s_none;
        var selectors = new List<IReadOnlyList<string>>();
        foreach (ConfigurationNode selector in subsets.Array("subset_selectors"))
        {
            if (selector.Kind == JsonValueKind.Array && selector.Items.Count > 0 && selector.Items.All(key => key.Kind == JsonValueKind.String))
            {
                selectors.Add([.. selector.Items.Select(key => key.Text).Distinct(StringComparer.Ordinal)]);
            }
            else
            {
                ObjectReader.Wrong(selector, subsets.Problems, "an array of keys of the hosts' metadata");
            }
        }

        if (selectors.Count == 0 && fallback != SubsetFallback.None)
        {
            subsets.Warning("subset_selectors", "names no keys: the cluster has no subsets");
        }

        subsets.Finish();
        return selectors.Count == 0 ? null : new SubsetConfiguration { Fallback = fallback, DefaultSubset = ofDefault, Selectors = selectors };
    }

    /// <summary>What <c>filter_metadata</c> under this key says of subsets. That of other names has no meaning here.</summary>
    public static IReadOnlyDictionary<string, string> Metadata(ObjectReader owner, string key)
    {
        var holder = owner.Object(key);
        var namespaces = holder?.Object("filter_metadata");
        holder?.Finish();
        if (namespaces is null)
        {
            return s_none;
        }

        return (namespaces.Object("mosn.lb") ?? namespaces.Object("envoy.lb")) is { } metadata ? Texts(metadata) : s_none;
    }

    private static Dictionary<string, string> Texts(ObjectReader map)
    {
        // Keys of metadata are names, compared exactly.
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ConfigurationMember member in map.Node.Members)
        {
            if (member.Value.Kind == JsonValueKind.String)
            {
                texts[member.Name] = member.Value.Text;
            }
            else
            {
                ObjectReader.Wrong(member.Value, map.Problems, "a string");
            }
        }

        return texts;
    }
}
