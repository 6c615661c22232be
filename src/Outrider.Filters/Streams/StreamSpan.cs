namespace Outrider.Filters;

/// <summary>
/// A piece of work in a trace: the stream's own (<see cref="StreamContext.Span"/>), or one that a filter has begun within
/// it. On the stream's loop thread alone, and only while the stream lives.
/// </summary>
/// <remarks>
/// A filter ends what it has begun by disposing it; what it forgets ends with the stream. The stream's own span is the
/// base's, and disposing it does nothing.
/// </remarks>
public abstract class StreamSpan : IDisposable
{
    /// <summary>The trace that this belongs to, as the tracer writes it; null when it does not tell.</summary>
    public abstract string? TraceId { get; }

    /// <summary>This span, as the tracer writes it; null when it does not tell.</summary>
    public abstract string? SpanId { get; }

    /// <summary>Says something of the work: <c>user.id</c>, <c>cache.hit</c>.</summary>
    public abstract void SetTag(string key, string value);

    /// <summary>Names the work.</summary>
    public abstract void SetOperation(string name);

    /// <summary>Something happened now. Not every tracer keeps it.</summary>
    public abstract void Log(string message);

    /// <summary>Is the trace to be kept? The tracer's own choice otherwise.</summary>
    public abstract void SetSampled(bool sampled);

    /// <summary>A value that travels with the trace to the services behind this one; null when there is none, or the tracer has no such thing.</summary>
    public abstract string? GetBaggage(string key);

    /// <summary>Sets a value that travels with the trace. Not every tracer has such a thing.</summary>
    public abstract void SetBaggage(string key, string value);

    /// <summary>Begins a piece of work within this one; dispose it when the work is done.</summary>
    public abstract StreamSpan StartChild(string operation);

    /// <summary>The work is done, now. What a filter did not begin does not end by this.</summary>
    public abstract void Dispose();
}
