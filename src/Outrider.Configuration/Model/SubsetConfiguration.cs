namespace Outrider.Configuration.Model;

/// <summary>How a cluster is divided by its hosts' metadata (<c>lb_subset_config</c>).</summary>
internal sealed record SubsetConfiguration
{
    /// <summary>What happens to a request that no subset is for. Default <see cref="SubsetFallback.None"/>, as in MOSN.</summary>
    public SubsetFallback Fallback { get; init; }

    /// <summary>The metadata of the hosts that <see cref="SubsetFallback.DefaultSubset"/> means.</summary>
    public IReadOnlyDictionary<string, string> DefaultSubset { get; init; } = new Dictionary<string, string>();

    /// <summary>Sets of keys, one at least: hosts that have the same values under all keys of a set are a subset.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Selectors { get; init; }
}

/// <summary>Where a request goes that no subset is for; MOSN's numbers.</summary>
internal enum SubsetFallback
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>To any host.</summary>
    AnyHost = 1,

    /// <summary>To the default subset.</summary>
    DefaultSubset = 2,
}
