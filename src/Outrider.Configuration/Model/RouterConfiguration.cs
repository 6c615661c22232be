namespace Outrider.Configuration.Model;

/// <summary>One router: virtual hosts by domain, each with its routes.</summary>
internal sealed record RouterConfiguration
{
    /// <summary>The name that proxy filters use (<c>router_config_name</c>).</summary>
    public required string Name { get; init; }

    /// <summary>All that is written of it; null where that cannot be told.</summary>
    public ResourceText? Text { get; init; }

    /// <summary>Where relative paths begin.</summary>
    public string Folder => Text?.Folder ?? "/";

    /// <summary>The virtual hosts, in the order of the file; no domain stands twice.</summary>
    public IReadOnlyList<VirtualHostConfiguration> VirtualHosts { get; init; } = [];

    /// <summary>What happens to the headers of every request; applied after the route's and the virtual host's.</summary>
    public HeaderMutations HeaderMutations { get; init; } = HeaderMutations.None;

    /// <summary>The names of the clusters that its routes name.</summary>
    public IEnumerable<string> ClusterNames => VirtualHosts.SelectMany(static host => host.Routes).Select(static route => route.Action).OfType<RouteActionConfiguration>().SelectMany(static action => action.ClusterNames);

    /// <summary>Does the other say the same?</summary>
    public bool IsSame(RouterConfiguration other) => ReferenceEquals(this, other) || Text?.IsSame(other.Text) == true;
}
