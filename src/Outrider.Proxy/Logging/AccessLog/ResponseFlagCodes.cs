using Outrider.Filters;

namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>Envoy's short codes for <see cref="ResponseFlags"/>. Any thread.</summary>
internal static class ResponseFlagCodes
{
    private static readonly (ResponseFlags Flag, byte[] Code)[] s_codes =
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
    ];

    /// <summary>Writes the codes with commas between them.</summary>
    /// <returns>False, and nothing is written, when there is no flag.</returns>
    public static bool TryWrite(ResponseFlags flags, ref Utf8Writer writer)
    {
        if (flags == ResponseFlags.None)
        {
            return false;
        }

        bool first = true;
        foreach ((ResponseFlags flag, byte[] code) in s_codes)
        {
            if ((flags & flag) != 0)
            {
                writer.WriteRaw(first ? default : ","u8);
                writer.WriteRaw(code);
                first = false;
            }
        }

        return true;
    }
}
