using Outrider.Http.Rules;
using Outrider.Http.V2.Server;

namespace Outrider.Http.V1.Server;

/// <summary>Does a client begin with HTTP/2 where it might speak either (RFC 9113 §3.3)? Asked of what is no request line of HTTP/1, as its preface is none, however it is cut.</summary>
internal static class PriorKnowledge
{
    /// <summary>Is it the preface, or its beginning?</summary>
    /// <param name="read">All that has come.</param>
    internal static bool IsPreface(ReadOnlySpan<byte> read) => Http2ServerConnection.Preface.StartsWith(read);

    /// <summary>
    /// Is it meant for a preface, and none? Three words of which the second is no target and the third no version: where both protocols are spoken,
    /// they are refused as HTTP/2 refuses them.
    /// </summary>
    /// <param name="read">All that has come.</param>
    /// <param name="error">What is wrong with it as a request of HTTP/1.</param>
    internal static bool IsBadPreface(ReadOnlySpan<byte> read, ProtocolError error)
    {
        if (error != HeadErrors.RequestLine)
        {
            return false;
        }

        var line = read[..Math.Max(0, read.IndexOf((byte)'\r'))];
        int first = line.IndexOf((byte)' '), last = line.LastIndexOf((byte)' ');
        return first > 0 && last > first && line[first..last].IndexOfAny("/*:"u8) < 0 && !line[(last + 1)..].StartsWith("HTTP"u8);
    }
}
