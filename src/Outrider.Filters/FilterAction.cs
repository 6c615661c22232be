namespace Outrider.Filters;

/// <summary>
/// What a filter wants done next. A value, not a callback: return it, or await something and then return it. Where a
/// <c>ValueTask&lt;FilterAction&gt;</c> is asked for it converts by itself, without an allocation.
/// </summary>
public readonly struct FilterAction : IEquatable<FilterAction>
{
    private readonly object? _body;

    private FilterAction(FilterActionKind kind, int status = 0, object? body = null)
    {
        Kind = kind;
        Status = status;
        _body = body;
    }

    /// <summary>Go on with the next filter, and then with forwarding.</summary>
    public static FilterAction Continue => new(FilterActionKind.Continue);

    /// <summary>From a headers method: collect the whole message, then call <c>DecodeRequestAsync</c> or <c>EncodeResponseAsync</c>.</summary>
    public static FilterAction WaitAllData => new(FilterActionKind.WaitAllData);

    /// <summary>Match the route again (headers may have changed) and then go on with the filter after this one. Receiver filters only; MOSN's <c>StreamFilterReMatchRoute</c>.</summary>
    public static FilterAction ReMatchRoute => new(FilterActionKind.ReMatchRoute);

    /// <summary>Choose another host of the cluster and then go on with the filter after this one. <c>AfterChooseHost</c> filters only; MOSN's <c>StreamFilterReChooseHost</c>.</summary>
    public static FilterAction ReChooseHost => new(FilterActionKind.ReChooseHost);

    /// <summary>End the stream without any answer: the client's connection is closed. MOSN's <c>StreamFiltertermination</c>.</summary>
    public static FilterAction Terminate => new(FilterActionKind.Terminate);

    internal static FilterAction Hold => new(FilterActionKind.Hold);

    internal static FilterAction Release => new(FilterActionKind.Release);

    /// <summary>
    /// Stop here and answer with <paramref name="status"/> (200–599) and <paramref name="body"/> as <c>text/plain</c>. The
    /// answer carries its own headers only, never the request's. From a sender filter it replaces the response, as long as
    /// the response's headers have not been sent.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The status is not 200–599.</exception>
    public static FilterAction Reply(int status, string? body = null)
    {
        LocalReply.ValidateStatus(status);
        return new(FilterActionKind.Reply, status, body);
    }

    /// <summary>As <see cref="Reply(int, string?)"/>, with headers and any body.</summary>
    public static FilterAction Reply(LocalReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return new(FilterActionKind.Reply, reply.Status, reply);
    }

    /// <summary>As <see cref="Reply(int, string?)"/>, with a body that is written piece by piece. From a receiver filter only.</summary>
    public static FilterAction Reply(StreamedReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return new(FilterActionKind.Reply, reply.Status, reply);
    }

    /// <summary>Which of the actions this is.</summary>
    public FilterActionKind Kind { get; }

    /// <summary>The status of a reply; 0 for every other action.</summary>
    public int Status { get; }

    /// <summary>The body of a reply that is only text; null otherwise.</summary>
    public string? Text => _body as string;

    /// <summary>The reply with headers of its own, where the filter gave one; null otherwise.</summary>
    public LocalReply? LocalReply => _body as LocalReply;

    /// <summary>The reply whose body is written piece by piece, where the filter gave one; null otherwise.</summary>
    public StreamedReply? StreamedReply => _body as StreamedReply;

    /// <summary>A completed task that holds the action.</summary>
    public static implicit operator ValueTask<FilterAction>(FilterAction action) => new(action);

    /// <summary>A completed task that holds the action.</summary>
    public ValueTask<FilterAction> ToValueTask() => new(this);

    /// <inheritdoc/>
    public bool Equals(FilterAction other) => Kind == other.Kind && Status == other.Status && Equals(_body, other._body);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FilterAction other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Status, _body);

    /// <summary>Equality by kind, status and body.</summary>
    public static bool operator ==(FilterAction left, FilterAction right) => left.Equals(right);

    /// <summary>Inequality by kind, status and body.</summary>
    public static bool operator !=(FilterAction left, FilterAction right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Kind == FilterActionKind.Reply ? $"Reply({Status})" : Kind.ToString();
}
