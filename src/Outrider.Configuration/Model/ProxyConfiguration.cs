using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>Everything that one configuration file says. Immutable; all loops share it.</summary>
internal sealed record ProxyConfiguration
{
    /// <summary>The one server.</summary>
    public required ServerConfiguration Server { get; init; }

    /// <summary>The upstream clusters; names are unique.</summary>
    public required IReadOnlyList<ClusterConfiguration> Clusters { get; init; }

    /// <summary>Where the admin API listens; null (the default) means nowhere.</summary>
    public AdminConfiguration? Admin { get; init; }

    /// <summary>Where debugging listens (<c>pprof</c>); null (the default) means nowhere.</summary>
    public PprofConfiguration? Pprof { get; init; }

    /// <summary>Which metrics are told, and where (<c>metrics</c>).</summary>
    public MetricsConfiguration Metrics { get; init; } = new();

    /// <summary>Chains of stream filters that listeners of the same name use (<c>stream_filters</c> of the file itself).</summary>
    public IReadOnlyList<NamedFiltersConfiguration> NamedFilters { get; init; } = [];

    /// <summary>What is for whoever is registered for its type (<c>extends</c>).</summary>
    public IReadOnlyList<ExtendConfiguration> Extends { get; init; } = [];

    /// <summary>Full paths of the extension libraries (<c>extensions</c>, a key of ours), in the order of the file. They may not exist.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>Those of <see cref="Extensions"/> that do not follow their files (<c>hot</c> is false): what is loaded of them stays.</summary>
    public IReadOnlySet<string> ExtensionsForGood { get; init; } = new HashSet<string>();

    /// <summary>The sources of configurations beside the file (<c>configuration_sources</c>, a key of ours); no type stands twice. Their types have not been looked up.</summary>
    public IReadOnlyList<StreamFilterConfiguration> Sources { get; init; } = [];

    /// <summary>How plugins in their own process are found and looked after.</summary>
    public required PluginConfiguration Plugins { get; init; }

    /// <summary>Where the process writes its id (<c>pid</c>), or null. Relative to the working directory, as in MOSN.</summary>
    public string? PidFile { get; init; }

    /// <summary>Full path of the file.</summary>
    public required string FilePath { get; init; }

    /// <summary>The file's JSON, UTF-8 without a byte order mark.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Where it comes from.</summary>
    public required Origin Origin { get; init; }

    /// <summary>
    /// A problem with the value at a path of the file (<c>extensions[0]</c>), for what only a later step can find out.
    /// Points at the deepest node that exists.
    /// </summary>
    public ConfigurationProblem ProblemAt(string jsonPath, string message) => Origin.At(jsonPath).Problem(message);
}
