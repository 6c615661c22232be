namespace Outrider.Http.V2.FlowControl;

/// <summary>How much more the peer may send, on one stream or on all of a connection's together (RFC 9113 §5.2).</summary>
internal struct ReceiveWindow()
{
    /// <summary>What the peer may send us unread. Receivers take everything at once, so it is a matter of how often we have to say so.</summary>
    internal const int Size = 1 << 20;

    private int _left = Size;

    /// <summary>So much has come. False when it is more than was allowed.</summary>
    internal bool Take(int count) => (_left -= count) >= 0;

    /// <summary>Opens the window again once half of it is used: by how much the peer is to be told, or 0.</summary>
    internal int Refill()
    {
        if (_left >= Size / 2)
        {
            return 0;
        }

        int more = Size - _left;
        _left = Size;
        return more;
    }
}
