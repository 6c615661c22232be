using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Outrider.Analyzers;

/// <summary>OUTRIDER101: properties with <c>init</c> and a default, in what a source-generated context reads.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class InitPropertyAnalyzer : FilterAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => ImmutableArray.Create(Rules.InitProperty);

    /// <inheritdoc/>
    private protected override void Start(CompilationStartAnalysisContext start, FilterTypes types)
    {
        if (start.Compilation.GetTypeByMetadataName("System.Text.Json.Serialization.JsonSerializableAttribute") is { } attribute)
        {
            start.RegisterSymbolAction(symbol => Check(symbol, attribute), SymbolKind.NamedType);
        }
    }

    private static void Check(SymbolAnalysisContext context, INamedTypeSymbol attribute)
    {
        var seen = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        foreach (var data in context.Symbol.GetAttributes())
        {
            if (SymbolEqualityComparer.Default.Equals(data.AttributeClass, attribute)
                && data.ConstructorArguments.Length > 0 && data.ConstructorArguments[0].Value is ITypeSymbol root)
            {
                Visit(context, root, seen);
            }
        }
    }

    // What it reads, and what that has in it: the same serializer makes all of them.
    private static void Visit(SymbolAnalysisContext context, ITypeSymbol type, HashSet<ITypeSymbol> seen)
    {
        if (type is IArrayTypeSymbol array)
        {
            Visit(context, array.ElementType, seen);
            return;
        }

        if (type is not INamedTypeSymbol named || !seen.Add(type))
        {
            return;
        }

        foreach (var argument in named.TypeArguments)
        {
            Visit(context, argument, seen);
        }

        for (var at = named; at is not null && at.DeclaringSyntaxReferences.Length > 0; at = at.BaseType)
        {
            foreach (var property in at.GetMembers().OfType<IPropertySymbol>())
            {
                if (property.IsStatic || property.IsIndexer || IsIgnored(property))
                {
                    continue;
                }

                if (property.SetMethod is { IsInitOnly: true } && !property.IsRequired
                    && property.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax(context.CancellationToken) is PropertyDeclarationSyntax { Initializer: not null }))
                {
                    context.ReportDiagnostic(Diagnostic.Create(Rules.InitProperty, property.Locations[0], property.Name, context.Symbol.Name));
                }

                Visit(context, property.Type, seen);
            }
        }
    }

    private static bool IsIgnored(IPropertySymbol property) => property.GetAttributes().Any(static attribute =>
        attribute.AttributeClass is { Name: "JsonIgnoreAttribute" } && attribute.NamedArguments.All(static argument => argument.Key != "Condition" || argument.Value.Value is 1));
}
