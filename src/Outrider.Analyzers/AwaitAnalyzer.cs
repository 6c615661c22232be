using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Outrider.Analyzers;

/// <summary>OUTRIDER102: <c>ConfigureAwait(false)</c> where code runs on a loop.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AwaitAnalyzer : FilterAnalyzer
{
    // ConfigureAwaitOptions.ContinueOnCapturedContext
    private const int ContinueOnCapturedContext = 1;

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => ImmutableArray.Create(Rules.ConfigureAwait);

    /// <inheritdoc/>
    private protected override void Start(CompilationStartAnalysisContext start, FilterTypes types)
        => start.RegisterOperationAction(operation => Check(operation, types), OperationKind.Invocation);

    private static void Check(OperationAnalysisContext context, FilterTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name == "ConfigureAwait"
            && call.Arguments.LastOrDefault()?.Value.ConstantValue is { HasValue: true, Value: var value }
            && value is false or int
            && !(value is int options && (options & ContinueOnCapturedContext) != 0)
            && types.RunsOnLoop(context.ContainingSymbol))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.ConfigureAwait, call.Syntax.GetLocation()));
        }
    }
}
