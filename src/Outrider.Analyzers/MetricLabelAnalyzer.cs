using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Outrider.Analyzers;

/// <summary>OUTRIDER105: labels of metrics that a client can make up.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MetricLabelAnalyzer : FilterAnalyzer
{
    // Locals are followed so far; who hides it better is not to be helped.
    private const int MaxSteps = 4;

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => ImmutableArray.Create(Rules.MetricLabel);

    /// <inheritdoc/>
    private protected override void Start(CompilationStartAnalysisContext start, FilterTypes types)
        => start.RegisterOperationAction(operation => Check(operation, types), OperationKind.Invocation);

    private static void Check(OperationAnalysisContext context, FilterTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!types.Metrics.Any(metric => FilterTypes.Is(call.TargetMethod.ContainingType, metric)) || context.Operation.SemanticModel is not { } model)
        {
            return;
        }

        // As they are written: the array or span that the compiler makes of them has no syntax of its own. The first is the number.
        foreach (var argument in ((InvocationExpressionSyntax)call.Syntax).ArgumentList.Arguments.Skip(1))
        {
            if (FromRequest(argument.Expression, model, types, MaxSteps) is { } source)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.MetricLabel, call.Syntax.GetLocation(), source));
                return;
            }
        }
    }

    /// <summary>What of the request the text is made of; null where that is nothing. A comparison, a look-up or a choice gives one of a fixed few.</summary>
    private static string? FromRequest(SyntaxNode? expression, SemanticModel model, FilterTypes types, int steps) => expression switch
    {
        MemberAccessExpressionSyntax access => FilterTypes.Is(model.GetTypeInfo(access.Expression).Type, types.HeaderMap)
            ? IsText(access) ? access.ToString() : null
            : FromRequest(access.Expression, model, types, steps),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetString" or "Concat" or "Join" or "Format" } access } call
            => FromRequest(access, model, types, steps) ?? FirstOf(call.ArgumentList.Arguments.Select(static argument => (SyntaxNode)argument.Expression), model, types, steps),
        InvocationExpressionSyntax call => FromRequest(call.Expression, model, types, steps),
        ElementAccessExpressionSyntax element => FromRequest(element.Expression, model, types, steps),
        ConditionalExpressionSyntax choice => FirstOf([choice.WhenTrue, choice.WhenFalse], model, types, steps),
        SwitchExpressionSyntax choice => FirstOf(choice.Arms.Select(static arm => (SyntaxNode)arm.Expression), model, types, steps),
        BinaryExpressionSyntax sum => FirstOf([sum.Left, sum.Right], model, types, steps),
        ParenthesizedExpressionSyntax inner => FromRequest(inner.Expression, model, types, steps),
        PostfixUnaryExpressionSyntax forgiven => FromRequest(forgiven.Operand, model, types, steps),
        CastExpressionSyntax cast => FromRequest(cast.Expression, model, types, steps),
        InterpolatedStringExpressionSyntax text => FirstOf(text.Contents.OfType<InterpolationSyntax>().Select(static part => (SyntaxNode)part.Expression), model, types, steps),
        CollectionExpressionSyntax list => FirstOf(list.Elements.OfType<ExpressionElementSyntax>().Select(static element => (SyntaxNode)element.Expression), model, types, steps),
        ArrayCreationExpressionSyntax { Initializer: { } values } => FirstOf(values.Expressions, model, types, steps),
        ImplicitArrayCreationExpressionSyntax array => FirstOf(array.Initializer.Expressions, model, types, steps),
        IdentifierNameSyntax name when steps > 0 && model.GetSymbolInfo(name).Symbol is ILocalSymbol local => FromRequest(OriginOf(local, model), model, types, steps - 1),
        _ => null,
    };

    private static string? FirstOf(IEnumerable<SyntaxNode> expressions, SemanticModel model, FilterTypes types, int steps)
        => expressions.Select(expression => FromRequest(expression, model, types, steps)).FirstOrDefault(static source => source is not null);

    // var x = …; headers.TryGetValue("a"u8, out var x).
    private static ExpressionSyntax? OriginOf(ILocalSymbol local, SemanticModel model)
        => local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is { } declaration && declaration.SyntaxTree == model.SyntaxTree
            ? declaration switch
            {
                VariableDeclaratorSyntax { Initializer.Value: var value } => value,
                SingleVariableDesignationSyntax { Parent: DeclarationExpressionSyntax { Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } } } => call.Expression,
                _ => null,
            }
            : null;

    // A status is one of a few hundred; a comparison (Has, Contains) is true or false.
    private static bool IsText(MemberAccessExpressionSyntax access)
        => access.Name.Identifier.ValueText is "GetString" or "TryGetValue" or "Path" or "PathString" or "PathWithoutQuery" or "Authority" or "AuthorityString" or "Method" or "MethodString";
}
