using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Outrider.Envoy.Abi;

/// <summary>Envoy's <c>timing_info_v2</c>: nanoseconds by <see cref="TimePoint"/>, and behind them a byte each that says whether it is known.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimingInfo
{
    internal const int Points = 19;

    private Nanoseconds _nanoseconds;
    private Known _known;

    /// <summary>Since 1970 for <see cref="TimePoint.Start"/>, since then for the others; null when it is not known.</summary>
    internal readonly long? this[TimePoint point] => _known[(int)point] != 0 ? _nanoseconds[(int)point] : null;

    [InlineArray(Points)]
    private struct Nanoseconds
    {
        private long _first;
    }

    [InlineArray(Points)]
    private struct Known
    {
        private byte _first;
    }
}
