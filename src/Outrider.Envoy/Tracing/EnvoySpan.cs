using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Filters;

namespace Outrider.Envoy.Tracing;

/// <summary>A span of Envoy's tracer. Where the tracer gave none it takes everything and keeps nothing.</summary>
internal sealed class EnvoySpan(StreamSpans spans, nint span) : StreamSpan
{
    private nint _span = span;
    private bool _isFinished;

    public override string? TraceId => Span is not 0 and var span && SpanCallbacks.TryGetTraceId(span, out var id) && !id.IsEmpty ? Encoding.UTF8.GetString(id) : null;

    public override string? SpanId => Span is not 0 and var span && SpanCallbacks.TryGetSpanId(span, out var id) && !id.IsEmpty ? Encoding.UTF8.GetString(id) : null;

    /// <summary>Envoy's span; 0 for none.</summary>
    /// <exception cref="InvalidOperationException">The span or its stream has ended, or this is not the stream's worker.</exception>
    private nint Span
    {
        get
        {
            _ = spans.Link.Pointer;
            return _isFinished ? throw new InvalidOperationException("the span has ended") : _span;
        }
    }

    public override void SetTag(string key, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        if (Span is not 0 and var span)
        {
            SpanCallbacks.SetTag(span, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        }
    }

    public override void SetOperation(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Span is not 0 and var span)
        {
            SpanCallbacks.SetOperation(span, Encoding.UTF8.GetBytes(name));
        }
    }

    public override void Log(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Span is not 0 and var span)
        {
            SpanCallbacks.Log(spans.Link.Pointer, span, Encoding.UTF8.GetBytes(message));
        }
    }

    public override void SetSampled(bool sampled)
    {
        if (Span is not 0 and var span)
        {
            SpanCallbacks.SetSampled(span, sampled);
        }
    }

    public override string? GetBaggage(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Span is not 0 and var span && SpanCallbacks.TryGetBaggage(span, Encoding.UTF8.GetBytes(key), out var value) && !value.IsEmpty ? Encoding.UTF8.GetString(value) : null;
    }

    public override void SetBaggage(string key, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        if (Span is not 0 and var span)
        {
            SpanCallbacks.SetBaggage(span, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        }
    }

    public override StreamSpan StartChild(string operation)
    {
        ArgumentException.ThrowIfNullOrEmpty(operation);
        return Span is not 0 and var span ? spans.BeginWithin(span, Encoding.UTF8.GetBytes(operation)) : new EnvoySpan(spans, 0);
    }

    public override void Dispose()
    {
        if (!_isFinished && this != spans.Own)
        {
            // After the stream's end it has ended already; on another thread that is said, as of anything else.
            _ = spans.Link.Pointer;
            _ = spans.Remove(this);
            Finish();
        }
    }

    /// <summary>Ends the span and lets go of it.</summary>
    internal void Finish()
    {
        _isFinished = true;
        if (_span != 0)
        {
            SpanCallbacks.Finish(_span);
            _span = 0;
        }
    }
}
