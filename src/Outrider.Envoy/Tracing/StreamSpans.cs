using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Links;

namespace Outrider.Envoy.Tracing;

/// <summary>The spans that a stream's filter has asked for. Those that it began are ended here, with the stream, when it forgot to.</summary>
internal sealed class StreamSpans(EnvoyLink link)
{
    private readonly List<EnvoySpan> _open = [];

    internal EnvoyLink Link => link;

    /// <summary>The stream's own; null until it has been asked for.</summary>
    internal EnvoySpan? Own { get; private set; }

    internal EnvoySpan Begin(nint own) => Own = new EnvoySpan(this, own);

    internal EnvoySpan BeginWithin(nint parent, ReadOnlySpan<byte> operation)
    {
        nint span = SpanCallbacks.Begin(link.Pointer, parent, operation);
        var child = new EnvoySpan(this, span);
        if (span != 0)
        {
            _open.Add(child);
        }

        return child;
    }

    /// <summary>A span ends. The stream's own, which is not one of those that were begun here, goes on.</summary>
    internal bool Remove(EnvoySpan span) => _open.Remove(span);

    /// <summary>The stream ends; Envoy's own span still lives.</summary>
    internal void End()
    {
        // The innermost first, as a filter would have done it.
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            _open[i].Finish();
        }

        _open.Clear();
    }
}
