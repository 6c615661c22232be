using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration;

/// <summary>What a configuration says, as far as it could be read, and what is wrong with it.</summary>
/// <param name="Configuration">What could be read; null where there is nothing to look at. Not to be used when there are errors: parts of it may be missing.</param>
/// <param name="Errors">Why it cannot be used; in the order of the file.</param>
/// <param name="Warnings">What its author should know; in the order of the file.</param>
internal sealed record ExaminedConfiguration(ProxyConfiguration? Configuration, IReadOnlyList<ConfigurationProblem> Errors, IReadOnlyList<ConfigurationProblem> Warnings);
