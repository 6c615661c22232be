using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Outrider.Modules.Abi;

/// <summary>
/// Envoy's <c>timing_info_v2</c>: nanoseconds by <see cref="TimePoint"/>, −1 where they are not known, and behind them a byte each
/// that says whether they are.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimingInfo
{
    internal const int Points = 19;

    private Nanoseconds _nanoseconds;
    private Known _known;

    /// <summary>One in which nothing is known.</summary>
    internal static TimingInfo Unknown
    {
        get
        {
            var timing = default(TimingInfo);
            ((Span<long>)timing._nanoseconds).Fill(-1);
            return timing;
        }
    }

    /// <summary>Since 1970 for <see cref="TimePoint.Start"/>, since then for the others; null when it is not known.</summary>
    internal long? this[TimePoint point]
    {
        readonly get => _known[(int)point] != 0 ? _nanoseconds[(int)point] : null;
        set
        {
            _nanoseconds[(int)point] = value ?? -1;
            _known[(int)point] = value is null ? (byte)0 : (byte)1;
        }
    }

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
