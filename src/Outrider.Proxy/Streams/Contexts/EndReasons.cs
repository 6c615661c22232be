using Outrider.Filters;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>How a stream ended, in one word for logs (<c>end_reason</c>). On the loop.</summary>
internal static class EndReasons
{
    internal static ReadOnlySpan<byte> Of(StreamRecord stream)
    {
        if (stream.Refusal is not null)
        {
            return "refused"u8;
        }

        // Whole, whoever has answered. What follows is cut off, or never began.
        if (!stream.EarlyEnd.HasCome)
        {
            return "complete"u8;
        }

        var flags = stream.Flags;
        return (flags & ResponseFlags.LocalReset) != 0 ? "proxy_stopped"u8
            : (flags & ResponseFlags.FilterError) != 0 ? "filter_failed"u8
            : (flags & ResponseFlags.StreamIdleTimeout) != 0 ? "idle_timeout"u8
            : (flags & ResponseFlags.DownstreamConnectionTermination) != 0 ? "client_closed"u8
            : (flags & ResponseFlags.UpstreamRequestTimeout) != 0 ? "upstream_timeout"u8
            : (flags & ResponseFlags.UpstreamProtocolError) != 0 ? "upstream_protocol_error"u8
            : (flags & (ResponseFlags.UpstreamConnectionTermination | ResponseFlags.UpstreamConnectionFailure)) != 0 ? "upstream_closed"u8
            : (flags & ResponseFlags.EntityTooLarge) != 0 ? "too_large"u8
            : "terminated"u8;
    }
}
