using System.Runtime.InteropServices;

namespace Outrider.Envoy.Abi;

/// <summary>
/// When what happened to a stream. The first value counts nanoseconds from 1970, the others from the stream's start; one that is
/// not known is -1, and its mark, in the same order behind the values, is 0.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 176)]
internal unsafe struct TimingInfo
{
    /// <summary>How many values there are.</summary>
    public const int Count = 19;

    public fixed long Values[Count];
    public fixed byte Known[Count];

    /// <summary>The places of the values.</summary>
    public enum Place
    {
        StartTime,
        DownstreamConnectionBegin,
        DownstreamHandshakeStart,
        DownstreamHandshakeComplete,
        LastDownstreamHeaderReceived,
        LastDownstreamReceived,
        UpstreamConnectStart,
        UpstreamConnectComplete,
        UpstreamHandshakeComplete,
        FirstUpstreamSent,
        LastUpstreamSent,
        FirstUpstreamReceived,
        FirstUpstreamBodyReceived,
        LastUpstreamReceived,
        FirstDownstreamSent,
        LastDownstreamSent,
        LastDownstreamAcknowledged,
        RequestComplete,
        DownstreamConnectionEnd,
    }
}
