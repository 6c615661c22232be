namespace Outrider.Configuration.Problems;

/// <summary>A configuration cannot be used. <see cref="Problems"/> lists every error, not the first alone.</summary>
internal sealed class ConfigurationException : Exception
{
    /// <param name="problems">The errors, one at least.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ConfigurationException(IReadOnlyList<ConfigurationProblem> problems, Exception? innerException = null)
        : base(string.Join('\n', problems), innerException) => Problems = problems;

    /// <summary>One error.</summary>
    public ConfigurationException(ConfigurationProblem problem, Exception? innerException = null) : this([problem], innerException)
    {
    }

    /// <summary>Every error, in the order of the file.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; }
}
