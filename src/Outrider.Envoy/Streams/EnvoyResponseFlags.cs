using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>Envoy's response flags (<c>response.flags</c>, one bit each, in the order of Envoy's access-log documentation) as ours.</summary>
internal static class EnvoyResponseFlags
{
    private static readonly (int Bit, ResponseFlags Flag)[] s_flags =
    [
        (1, ResponseFlags.NoHealthyUpstream),
        (2, ResponseFlags.UpstreamRequestTimeout),
        (4, ResponseFlags.UpstreamConnectionTermination),
        (5, ResponseFlags.UpstreamConnectionFailure),
        (6, ResponseFlags.UpstreamConnectionTermination),
        (7, ResponseFlags.UpstreamOverflow),
        (8, ResponseFlags.NoRouteFound),
        (11, ResponseFlags.RateLimited),
        (13, ResponseFlags.RateLimitServiceError),
        (14, ResponseFlags.DownstreamConnectionTermination),
        (16, ResponseFlags.StreamIdleTimeout),
        (18, ResponseFlags.DownstreamProtocolError),
        (23, ResponseFlags.UpstreamProtocolError),
    ];

    internal static ResponseFlags ToFlags(ulong bits)
    {
        var flags = ResponseFlags.None;
        foreach (var (bit, flag) in s_flags)
        {
            if ((bits & (1ul << bit)) != 0)
            {
                flags |= flag;
            }
        }

        return flags;
    }
}
