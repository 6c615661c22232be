using Outrider.Filters;

namespace Outrider.Proxy.FilterChains;

/// <summary>The factories of one listener's filters, in order, and what they need together. Immutable, shared by all loops.</summary>
internal sealed class FilterSet
{
    internal FilterSet(IReadOnlyList<IStreamFilterFactory> factories, IReadOnlyList<string> names)
    {
        Factories = [.. factories];
        Names = [.. names];
        foreach (var factory in factories)
        {
            Methods |= factory.Methods;
        }
    }

    internal IStreamFilterFactory[] Factories { get; }

    /// <summary>The name that the configuration uses for each.</summary>
    internal string[] Names { get; }

    /// <summary>Everything that any of them overrides.</summary>
    internal StreamFilterMethods Methods { get; }

    internal int Count => Factories.Length;

    internal bool Any(StreamFilterMethods methods) => (Methods & methods) != 0;
}
