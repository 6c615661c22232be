using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Http.V1.Parsing;

/// <summary>Makes out what a request asked for whose head is refused, for logs.</summary>
internal static class RefusedHead
{
    /// <summary>Method, target and host as far as they can be made out, whatever is wrong with them. What is not there stays empty.</summary>
    internal static void Keep(RequestHead head)
    {
        var block = head.Fields;
        if (head.Authority.IsEmpty && block.IndexOf(KnownHeader.Host) is >= 0 and var host)
        {
            var (hostStart, hostLength) = block.ValueRangeAt(host);
            head.SetAuthority(hostStart, hostLength);
        }

        var bytes = block.Slice(0, block.Length);
        int start = bytes.StartsWith("\r\n"u8) ? 2 : 0;
        int end = bytes[start..].IndexOfAny((byte)'\r', (byte)'\n');
        var line = end < 0 ? bytes[start..] : bytes.Slice(start, end);
        int space = line.IndexOf((byte)' ');
        if (space <= 0 || !HeaderSyntax.IsToken(line[..space]))
        {
            return;
        }

        head.SetMethod(start, space);
        if (head.Target.IsEmpty)
        {
            var target = line[(space + 1)..];
            int blank = target.IndexOf((byte)' ');
            head.SetTarget(start + space + 1, blank < 0 ? target.Length : blank);
        }
    }
}
