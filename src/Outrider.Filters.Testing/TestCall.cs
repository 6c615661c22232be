namespace Outrider.Filters.Testing;

/// <summary>One call into a filter, and what it answered.</summary>
/// <param name="Filter">The filter's name.</param>
/// <param name="Method">Which method: <see cref="StreamFilter.DecodeHeadersAsync"/> and so on, by its name.</param>
/// <param name="EndStream">Did nothing of the message follow?</param>
public sealed record TestCall(string Filter, string Method, bool EndStream)
{
    /// <summary>What it answered; null while it has not, and where it threw.</summary>
    public FilterAction? Action { get; internal set; }

    /// <summary>What it threw; null where it answered.</summary>
    public Exception? Failure { get; internal set; }

    /// <summary>Had the call not ended when it returned: did the filter await something?</summary>
    public bool Waited { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Filter}.{Method}: {(Failure is { } failure ? failure.GetType().Name : Action is { } action ? action.ToString() : "waits")}";
}
