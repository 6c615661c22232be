using Microsoft.CodeAnalysis.Diagnostics;

namespace Outrider.Analyzers;

/// <summary>A rule for code that is written against Outrider.Filters: it looks at no generated code, and at nothing where a compilation does not refer to that.</summary>
public abstract class FilterAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (FilterTypes.Of(start.Compilation) is { } types)
            {
                Start(start, types);
            }
        });
    }

    /// <summary>Says what is looked at in a compilation.</summary>
    private protected abstract void Start(CompilationStartAnalysisContext start, FilterTypes types);
}
