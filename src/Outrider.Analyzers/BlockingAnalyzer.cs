using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Outrider.Analyzers;

/// <summary>OUTRIDER103: calls that block the thread, where code runs on a loop.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BlockingAnalyzer : FilterAnalyzer
{
    private static readonly ImmutableHashSet<string> s_blocking = ImmutableHashSet.Create(
        "System.Threading.Thread.Sleep",
        "System.Threading.Thread.Join",
        "System.Threading.Thread.SpinWait",
        "System.Threading.Monitor.Wait",
        "System.Threading.WaitHandle.WaitOne",
        "System.Threading.WaitHandle.WaitAny",
        "System.Threading.WaitHandle.WaitAll",
        "System.Threading.ManualResetEventSlim.Wait",
        "System.Threading.CountdownEvent.Wait",
        "System.Threading.SemaphoreSlim.Wait",
        "System.Threading.SpinWait.SpinUntil",
        "System.Threading.Barrier.SignalAndWait",
        "System.Threading.Tasks.Task.Wait",
        "System.Threading.Tasks.Task.WaitAll",
        "System.Threading.Tasks.Task.WaitAny",
        "System.Collections.Concurrent.BlockingCollection.Take",
        "System.Diagnostics.Process.WaitForExit",
        "System.Net.Http.HttpClient.Send",
        "System.Net.Dns.GetHostAddresses",
        "System.Net.Dns.GetHostEntry",
        "System.Console.ReadLine");

    private static readonly ImmutableHashSet<string> s_tasks = ImmutableHashSet.Create(
        "System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask",
        "System.Runtime.CompilerServices.TaskAwaiter", "System.Runtime.CompilerServices.ValueTaskAwaiter",
        "System.Runtime.CompilerServices.ConfiguredTaskAwaitable.ConfiguredTaskAwaiter", "System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => ImmutableArray.Create(Rules.Blocking);

    /// <inheritdoc/>
    private protected override void Start(CompilationStartAnalysisContext start, FilterTypes types)
    {
        start.RegisterOperationAction(operation => CheckCall(operation, types), OperationKind.Invocation);
        start.RegisterOperationAction(operation => CheckResult(operation, types), OperationKind.PropertyReference);
    }

    private static void CheckCall(OperationAnalysisContext context, FilterTypes types)
    {
        var method = ((IInvocationOperation)context.Operation).TargetMethod;
        string type = NameOf(method.ContainingType);
        bool blocks = s_blocking.Contains($"{type}.{method.Name}") || (method.Name == "GetResult" && s_tasks.Contains(type));
        if (blocks && types.RunsOnLoop(context.ContainingSymbol) && !IsElsewhere(context.Operation))
        {
            Report(context, $"{method.ContainingType.Name}.{method.Name}");
        }
    }

    private static void CheckResult(OperationAnalysisContext context, FilterTypes types)
    {
        var property = (IPropertyReferenceOperation)context.Operation;
        if (property.Property.Name == "Result" && s_tasks.Contains(NameOf(property.Property.ContainingType))
            && types.RunsOnLoop(context.ContainingSymbol) && !IsElsewhere(context.Operation) && !IsKnownToBeThere(property))
        {
            Report(context, $"{property.Property.ContainingType.Name}.Result");
        }
    }

    private static void Report(OperationAnalysisContext context, string what)
        => context.ReportDiagnostic(Diagnostic.Create(Rules.Blocking, context.Operation.Syntax.GetLocation(), what));

    private static string NameOf(INamedTypeSymbol type)
    {
        string name = type.OriginalDefinition.Name;
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = outer.Name + "." + name;
        }

        return $"{type.ContainingNamespace?.ToDisplayString()}.{name}";
    }

    // A task that the method has asked whether it is complete may be read.
    private static bool IsKnownToBeThere(IPropertyReferenceOperation property)
    {
        string? task = property.Instance?.Syntax.ToString();
        return property.Syntax.FirstAncestorOrSelf<MemberDeclarationSyntax>()?.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            .Any(access => access.SpanStart < property.Syntax.SpanStart && access.Name.Identifier.ValueText is "IsCompleted" or "IsCompletedSuccessfully" && access.Expression.ToString() == task) == true;
    }

    // What is handed to Task.Run runs on the pool, where it may block.
    private static bool IsElsewhere(IOperation operation)
    {
        for (var at = operation; at is not null; at = at.Parent)
        {
            if (at is IAnonymousFunctionOperation
                && at.Syntax.FirstAncestorOrSelf<InvocationExpressionSyntax>() is { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Run" or "StartNew" or "QueueUserWorkItem" or "UnsafeQueueUserWorkItem" } })
            {
                return true;
            }
        }

        return false;
    }
}
