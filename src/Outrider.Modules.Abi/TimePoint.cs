namespace Outrider.Modules.Abi;

/// <summary>What <see cref="TimingInfo"/> holds, in its order.</summary>
internal enum TimePoint
{
    Start,
    DownstreamConnectionBegin,
    DownstreamHandshakeStart,
    DownstreamHandshakeComplete,
    LastDownstreamHeaderReceived,
    LastDownstreamByteReceived,
    UpstreamConnectStart,
    UpstreamConnectComplete,
    UpstreamHandshakeComplete,
    FirstUpstreamByteSent,
    LastUpstreamByteSent,
    FirstUpstreamByteReceived,
    FirstUpstreamBodyByteReceived,
    LastUpstreamByteReceived,
    FirstDownstreamByteSent,
    LastDownstreamByteSent,
    LastDownstreamAckReceived,
    RequestComplete,
    DownstreamConnectionEnd,
}
