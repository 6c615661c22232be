namespace Outrider.Filters;

/// <summary>Envoy's short codes for <see cref="ResponseFlags"/>. Any thread.</summary>
internal static class ResponseFlagCodes
{
    private static readonly (ResponseFlags Flag, byte[] Code)[] s_all =
    [
        (ResponseFlags.NoHealthyUpstream, "UH"u8.ToArray()),
        (ResponseFlags.UpstreamConnectionFailure, "UF"u8.ToArray()),
        (ResponseFlags.UpstreamConnectionTermination, "UC"u8.ToArray()),
        (ResponseFlags.UpstreamRequestTimeout, "UT"u8.ToArray()),
        (ResponseFlags.NoRouteFound, "NR"u8.ToArray()),
        (ResponseFlags.DownstreamConnectionTermination, "DC"u8.ToArray()),
        (ResponseFlags.UpstreamProtocolError, "UPE"u8.ToArray()),
        (ResponseFlags.UpstreamOverflow, "UO"u8.ToArray()),
        (ResponseFlags.DownstreamProtocolError, "DPE"u8.ToArray()),
        (ResponseFlags.StreamIdleTimeout, "SI"u8.ToArray()),
        (ResponseFlags.FilterError, "FE"u8.ToArray()),
        (ResponseFlags.EntityTooLarge, "EL"u8.ToArray()),
        (ResponseFlags.LocalReset, "LR"u8.ToArray()),
        (ResponseFlags.MinimumRate, "MR"u8.ToArray()),
        (ResponseFlags.Overloaded, "OM"u8.ToArray()),
        (ResponseFlags.RateLimited, "RL"u8.ToArray()),
        (ResponseFlags.RateLimitServiceError, "RLSE"u8.ToArray()),
    ];

    /// <summary>Each flag with its code, in the order in which logs have them.</summary>
    internal static ReadOnlySpan<(ResponseFlags Flag, byte[] Code)> All => s_all;
}
