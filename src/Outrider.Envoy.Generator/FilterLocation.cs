using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Outrider.Envoy.Generator;

/// <summary>Where a filter class stands, in a form that compares by value.</summary>
internal readonly record struct FilterLocation(string Path, TextSpan Span, LinePositionSpan Lines)
{
    internal Location ToLocation() => Location.Create(Path, Span, Lines);
}
