namespace Outrider.Filters.Testing;

/// <summary>A response: what an upstream or a cluster of a test answers, and what the client got. Not for several threads at a time.</summary>
public sealed class TestResponse : TestMessage<TestResponse>
{
    /// <param name="status">The status.</param>
    /// <param name="pieces">The body as text, in the pieces in which it comes.</param>
    public TestResponse(int status, params ReadOnlySpan<string> pieces)
    {
        Status = status;
        _ = WithBody(pieces);
    }

    /// <summary>The status.</summary>
    public int Status { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Status} {Body}";
}
