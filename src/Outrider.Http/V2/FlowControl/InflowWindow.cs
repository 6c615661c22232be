namespace Outrider.Http.V2.FlowControl;

/// <summary>
/// How much more the peer may send where what it sent may have to wait for the other side (RFC 9113 §5.2): room comes back when bytes
/// are taken, not when they arrive, so that the window is the back-pressure.
/// </summary>
internal struct InflowWindow
{
    private readonly int _size;
    private int _left;
    private int _taken;

    /// <param name="size">What the peer was told that it may send.</param>
    internal InflowWindow(int size) => _size = _left = size;

    /// <summary>So much has arrived. False when it is more than was allowed.</summary>
    internal bool Arrive(int count) => (_left -= count) >= 0;

    /// <summary>
    /// So much was taken by who it is for. Returns by how much the peer is to be told that it may send more: 0, until it is half of the
    /// window, or more than the peer has left: what others have not taken may never be, and the rest of the window goes on without it.
    /// </summary>
    internal int Take(int count)
    {
        _taken += count;
        if (_taken < _size / 2 && _taken < _left)
        {
            return 0;
        }

        int more = _taken;
        _left += more;
        _taken = 0;
        return more;
    }
}
