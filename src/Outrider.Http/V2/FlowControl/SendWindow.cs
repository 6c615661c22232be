namespace Outrider.Http.V2.FlowControl;

/// <summary>How much we may send, on one stream or on all of a connection's together (RFC 9113 §5.2).</summary>
internal struct SendWindow(int size)
{
    /// <summary>RFC 9113 §6.9.2: what both sides begin with.</summary>
    internal const int Default = 65_535;

    /// <summary>Below zero when the peer changed its mind (RFC 9113 §6.9.2).</summary>
    internal long Left { get; private set; } = size;

    internal void Use(int count) => Left -= count;

    /// <summary>The peer takes more (RFC 9113 §6.9). <see cref="Http2Error.None"/>, or what it did wrong.</summary>
    internal Http2Error Grow(int more)
    {
        Left += more;
        return more == 0 ? Http2Error.Protocol : IsTooLarge ? Http2Error.FlowControl : Http2Error.None;
    }

    /// <summary>The peer wants all windows to be larger, or smaller, by so much (RFC 9113 §6.9.2). False when they cannot be that large.</summary>
    internal bool Resize(int difference)
    {
        Left += difference;
        return !IsTooLarge;
    }

    private readonly bool IsTooLarge => Left > int.MaxValue;
}
