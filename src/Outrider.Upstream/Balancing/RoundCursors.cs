namespace Outrider.Upstream.Balancing;

/// <summary>Where a cluster's rounds stand, whatever its hosts are.</summary>
internal sealed class RoundCursors
{
    /// <summary>That of requests' first tries.</summary>
    public RoundCursor First;

    /// <summary>That of the tries after.</summary>
    public RoundCursor Retries;
}
