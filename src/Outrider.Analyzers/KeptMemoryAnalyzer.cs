using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Outrider.Analyzers;

/// <summary>
/// OUTRIDER104: bodies that are kept beyond their call, and spans that are read after what they point into has changed. A span over an await is the
/// compiler's to refuse (CS4007).
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class KeptMemoryAnalyzer : FilterAnalyzer
{
    private static readonly ImmutableHashSet<string> s_changes = ImmutableHashSet.Create("Set", "Append", "Remove", "Drain", "Replace", "Clear");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => ImmutableArray.Create(Rules.KeptMemory);

    /// <inheritdoc/>
    private protected override void Start(CompilationStartAnalysisContext start, FilterTypes types)
    {
        start.RegisterSyntaxNodeAction(node => CheckAssignment(node, types), SyntaxKind.SimpleAssignmentExpression, SyntaxKind.CoalesceAssignmentExpression);
        start.RegisterSyntaxNodeAction(node => CheckChange(node, types), SyntaxKind.InvocationExpression, SyntaxKind.SimpleAssignmentExpression);
    }

    private static void CheckAssignment(SyntaxNodeAnalysisContext context, FilterTypes types)
    {
        var assignment = (AssignmentExpressionSyntax)context.Node;
        if (context.SemanticModel.GetSymbolInfo(assignment.Left, context.CancellationToken).Symbol is (IFieldSymbol or IPropertySymbol) and var target
            && FilterTypes.Is(context.SemanticModel.GetTypeInfo(assignment.Right, context.CancellationToken).Type, types.BodyBuffer)
            && context.SemanticModel.GetSymbolInfo(assignment.Right, context.CancellationToken).Symbol is IParameterSymbol)
        {
            Report(context, assignment, $"'{target.Name}' keeps a body beyond the call that it was lent for: copy its bytes (ToArray)");
        }
    }

    private static void CheckChange(SyntaxNodeAnalysisContext context, FilterTypes types)
    {
        var receiver = context.Node switch
        {
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } when s_changes.Contains(access.Name.Identifier.ValueText) => access.Expression,
            AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax access } => access.Expression,
            _ => null,
        };
        if (receiver is null || !IsLent(context, receiver, types) || context.SemanticModel.GetSymbolInfo(receiver, context.CancellationToken).Symbol is not { } owner
            || context.Node.FirstAncestorOrSelf<StatementSyntax>()?.Parent is not { } block || MethodOf(context.Node) is not { } method)
        {
            return;
        }

        foreach (var use in block.DescendantNodes().OfType<IdentifierNameSyntax>().Where(name => name.SpanStart > context.Node.Span.End))
        {
            if (context.SemanticModel.GetSymbolInfo(use, context.CancellationToken).Symbol is ILocalSymbol local && IsSpan(local.Type)
                && local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(context.CancellationToken) is { } declaration
                && declaration.SpanStart < context.Node.SpanStart
                && OriginOf(context, declaration) is { } origin && SymbolEqualityComparer.Default.Equals(origin, owner)
                && !IsSetBetween(context, method, local, context.Node.Span.End, use.SpanStart))
            {
                Report(context, use, $"'{local.Name}' points into '{owner.Name}', which has been changed since: copy what is needed before, or read it again");
                return;
            }
        }
    }

    // headers.Path, headers.TryGetValue("a"u8, out var local), body.GetSlice(0): whose memory the local points into.
    private static ISymbol? OriginOf(SyntaxNodeAnalysisContext context, SyntaxNode declaration)
    {
        var source = declaration switch
        {
            VariableDeclaratorSyntax { Initializer.Value: MemberAccessExpressionSyntax access } => access.Expression,
            VariableDeclaratorSyntax { Initializer.Value: ElementAccessExpressionSyntax element } => element.Expression,
            VariableDeclaratorSyntax { Initializer.Value: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetSlice" } access } } => access.Expression,
            SingleVariableDesignationSyntax { Parent: DeclarationExpressionSyntax { Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } } } } => access.Expression,
            _ => null,
        };
        return source is null ? null : context.SemanticModel.GetSymbolInfo(source, context.CancellationToken).Symbol;
    }

    private static bool IsSetBetween(SyntaxNodeAnalysisContext context, SyntaxNode method, ILocalSymbol local, int from, int to) => method.DescendantNodes()
        .Any(node => node.SpanStart > from && node.SpanStart <= to
            && (node is AssignmentExpressionSyntax { Left: IdentifierNameSyntax left } ? left : node is ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.OutKeyword, Expression: IdentifierNameSyntax name } ? name : null) is { } set
            && SymbolEqualityComparer.Default.Equals(context.SemanticModel.GetSymbolInfo(set, context.CancellationToken).Symbol, local));

    private static bool IsLent(SyntaxNodeAnalysisContext context, ExpressionSyntax receiver, FilterTypes types)
    {
        var type = context.SemanticModel.GetTypeInfo(receiver, context.CancellationToken).Type;
        return FilterTypes.Is(type, types.HeaderMap) || FilterTypes.Is(type, types.BodyBuffer);
    }

    private static bool IsSpan(ITypeSymbol type) => type is { Name: "ReadOnlySpan" or "Span", ContainingNamespace.Name: "System" } or { Name: "HeaderField", ContainingNamespace.Name: "Filters" };

    private static SyntaxNode? MethodOf(SyntaxNode node) => node.FirstAncestorOrSelf<SyntaxNode>(static at => at is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax or AccessorDeclarationSyntax);

    private static void Report(SyntaxNodeAnalysisContext context, SyntaxNode node, string what) => context.ReportDiagnostic(Diagnostic.Create(Rules.KeptMemory, node.GetLocation(), what));
}
