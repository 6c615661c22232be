using System.Runtime.InteropServices;

namespace Outrider.Proxy.Upstream.LoadBalancing;

/// <summary>Where one loop stands in its round, with a cache line (64 bytes) of padding on either side.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct LoopCursor
{
    [FieldOffset(64)]
    private uint _next;

    [FieldOffset(68)]
    private bool _isStarted;

    /// <summary>The next index of the round; the first is any, or all loops would start with the same host.</summary>
    public int Advance(int count, LoopRandom random)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _next = random.Next((uint)count);
        }

        // The number of hosts may have shrunk since.
        uint index = _next < (uint)count ? _next : 0;
        _next = index + 1;
        return (int)index;
    }
}
