using Outrider.Filters;
using Outrider.Http.Rules;

namespace Outrider.Proxy.Streams;

/// <summary>What access logs say of a request that a codec refuses.</summary>
internal static class RefusedRequest
{
    /// <summary>The flag for that fault.</summary>
    internal static ResponseFlags FlagOf(ProtocolError error)
        => IsTooSlow(error) ? ResponseFlags.MinimumRate
            : error.Status == 408 ? ResponseFlags.StreamIdleTimeout
            : ResponseFlags.DownstreamProtocolError;

    private static bool IsTooSlow(ProtocolError error) => error == ProtocolError.HeadTooSlow || error == ProtocolError.BodyTooSlow;
}
