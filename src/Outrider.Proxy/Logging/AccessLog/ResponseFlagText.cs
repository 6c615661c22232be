using Outrider.Filters;

namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>Writes <see cref="ResponseFlags"/> as access logs have them (<see cref="ResponseFlagCodes"/>). Any thread.</summary>
internal static class ResponseFlagText
{
    /// <summary>Writes the codes with commas between them.</summary>
    /// <returns>False, and nothing is written, when there is no flag.</returns>
    public static bool TryWrite(ResponseFlags flags, ref Utf8Writer writer)
    {
        if (flags == ResponseFlags.None)
        {
            return false;
        }

        bool first = true;
        foreach ((ResponseFlags flag, byte[] code) in ResponseFlagCodes.All)
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
