namespace Outrider.Proxy.Routing;

/// <summary>The two parts of a request's target.</summary>
internal static class RequestTarget
{
    /// <summary>The path, without the query.</summary>
    public static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target)
        => target.IndexOf((byte)'?') is >= 0 and var mark ? target[..mark] : target;

    /// <summary>The query with its question mark; empty when there is none.</summary>
    public static ReadOnlySpan<byte> QueryOf(ReadOnlySpan<byte> target)
        => target.IndexOf((byte)'?') is >= 0 and var mark ? target[mark..] : default;
}
