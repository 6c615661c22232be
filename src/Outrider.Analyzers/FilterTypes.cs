using System.Linq;
using Microsoft.CodeAnalysis;

namespace Outrider.Analyzers;

/// <summary>The types of Outrider.Filters that the rules are about; null where a compilation does not refer to it.</summary>
internal sealed class FilterTypes
{
    private static readonly string[] s_metrics = ["Outrider.Filters.FilterCounter", "Outrider.Filters.FilterGauge", "Outrider.Filters.FilterHistogram"];

    private static readonly string[] s_others = ["Outrider.Filters.NetworkFilter", "Outrider.Filters.IListenerFilter", "Outrider.Filters.IMetadataDriver", "Outrider.Filters.IHostPicker"];

    private readonly INamedTypeSymbol[] _onLoops;

    private FilterTypes(Compilation compilation, INamedTypeSymbol filter)
    {
        HeaderMap = compilation.GetTypeByMetadataName("Outrider.Filters.HeaderMap");
        BodyBuffer = compilation.GetTypeByMetadataName("Outrider.Filters.BodyBuffer");
        Metrics =
        [
            .. s_metrics
                .Select(compilation.GetTypeByMetadataName).OfType<INamedTypeSymbol>(),
        ];
        _onLoops =
        [
            filter,
            .. s_others
                .Select(compilation.GetTypeByMetadataName).OfType<INamedTypeSymbol>(),
        ];
    }

    internal INamedTypeSymbol? HeaderMap { get; }

    internal INamedTypeSymbol? BodyBuffer { get; }

    internal INamedTypeSymbol[] Metrics { get; }

    internal static FilterTypes? Of(Compilation compilation)
        => compilation.GetTypeByMetadataName("Outrider.Filters.StreamFilter") is { } filter ? new FilterTypes(compilation, filter) : null;

    /// <summary>Does code of this type run on a loop: in a filter, or in a type inside of one?</summary>
    internal bool RunsOnLoop(ISymbol? symbol)
    {
        for (var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType; type is not null; type = type.ContainingType)
        {
            if (_onLoops.Any(other => Is(type, other)))
            {
                return true;
            }
        }

        return false;
    }

    internal static bool Is(ITypeSymbol? type, INamedTypeSymbol? other)
    {
        if (type is null || other is null)
        {
            return false;
        }

        if (other.TypeKind == TypeKind.Interface)
        {
            return type.AllInterfaces.Contains(other, SymbolEqualityComparer.Default);
        }

        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at, other))
            {
                return true;
            }
        }

        return false;
    }
}
