using System.Runtime.CompilerServices;
using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Envoy.Streams;

/// <summary>Which parts of a message a filter wants to see: those that it has a method for.</summary>
/// <param name="methods">The filter's methods.</param>
/// <param name="side">The direction.</param>
internal readonly struct ShownParts(StreamFilterMethods methods, MessageSide side)
{
    /// <summary>The head.</summary>
    internal bool Head { get; } = (methods & side.MethodOf(FilterWork.Headers)) != 0;

    /// <summary>Pieces of the body.</summary>
    internal bool Data { get; } = (methods & side.MethodOf(FilterWork.Data)) != 0;

    /// <summary>The trailers.</summary>
    internal bool Trailers { get; } = (methods & side.MethodOf(FilterWork.Trailers)) != 0;

    /// <summary>Does it have a method for this work? For all of a message it has one that lets it pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Has(FilterWork work) => work switch
    {
        FilterWork.Headers => Head,
        FilterWork.Data => Data,
        FilterWork.Trailers => Trailers,
        _ => true,
    };
}
