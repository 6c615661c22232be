using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Binding;

/// <summary>Collects what binding finds, so that the reader of a broken file sees all of it at once.</summary>
internal sealed class ProblemLog
{
    private readonly List<(ConfigurationProblem Problem, int Order)> _errors = [];
    private readonly List<(ConfigurationProblem Problem, int Order)> _warnings = [];

    /// <summary>Who is told what is asked of the objects that are read; null for nobody.</summary>
    public IReadingObserver? Observer { get; init; }

    /// <summary>Whether the configuration cannot be used.</summary>
    public bool HasErrors => _errors.Count > 0;

    /// <summary>The errors, in the order of the files.</summary>
    public IReadOnlyList<ConfigurationProblem> Errors => Sort(_errors);

    /// <summary>The warnings, in the order of the files.</summary>
    public IReadOnlyList<ConfigurationProblem> Warnings => Sort(_warnings);

    /// <summary>Adds an error.</summary>
    public void Error(ConfigurationProblem problem) => _errors.Add((problem, _errors.Count));

    /// <summary>Adds errors.</summary>
    public void Error(IEnumerable<ConfigurationProblem> problems)
    {
        foreach (ConfigurationProblem problem in problems)
        {
            Error(problem);
        }
    }

    /// <summary>Adds an error about a value.</summary>
    public void Error(Origin origin, string message) => Error(origin.Problem(message));

    /// <summary>Adds a warning.</summary>
    public void Warning(ConfigurationProblem problem) => _warnings.Add((problem, _warnings.Count));

    /// <summary>Adds a warning about a value.</summary>
    public void Warning(Origin origin, string message) => Warning(origin.Problem(message));

    // Binding goes by dependency (clusters, routers, listeners); people read from top to bottom.
    private static List<ConfigurationProblem> Sort(List<(ConfigurationProblem Problem, int Order)> problems)
    {
        var files = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((ConfigurationProblem problem, _) in problems)
        {
            files.TryAdd(problem.File, files.Count);
        }

        return [.. problems.OrderBy(p => files[p.Problem.File]).ThenBy(p => p.Problem.Line).ThenBy(p => p.Problem.Column)
            .ThenBy(p => p.Order).Select(p => p.Problem)];
    }
}
