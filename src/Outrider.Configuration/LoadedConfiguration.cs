using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration;

/// <summary>A configuration that can be used, and what its author should know about it.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Warnings">Unknown keys, keys that are not supported yet, and values that were bent; in the order of the file.</param>
internal sealed record LoadedConfiguration(ProxyConfiguration Configuration, IReadOnlyList<ConfigurationProblem> Warnings);
