using Outrider.Filters;

namespace Outrider.Configuration.Sources;

/// <summary>Which resource.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct ResourceName(ConfigurationResourceKind Kind, string Name)
{
    /// <summary>As logs say it: <c>cluster 'up'</c>.</summary>
    public override string ToString() => Kind switch
    {
        ConfigurationResourceKind.Hosts => $"hosts of cluster '{Name}'",
        ConfigurationResourceKind.Cluster => $"cluster '{Name}'",
        ConfigurationResourceKind.Router => $"router '{Name}'",
        _ => $"listener '{Name}'",
    };
}
