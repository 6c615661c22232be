using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>Reads the trailers behind the last chunk (RFC 9112 §7.1.2): parsed and checked like a head's fields, never passed on as they came.</summary>
internal sealed class TrailerParser : HeadParser
{
    private static readonly byte[][] s_headOnly = [.. new[]
    {
        "authorization", "proxy-authorization", "cookie", "set-cookie", "content-encoding", "content-type", "content-range", "range",
        "cache-control", "max-forwards", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "forwarded",
    }.Select(Encoding.ASCII.GetBytes)];

    internal void Begin(HeaderBlock block, HttpLimits limits)
    {
        block.Clear();
        Begin(block, limits, hasStartLine: false);
    }

    private protected override bool ParseStartLine(int start, int length) => true;

    private protected override bool OnField(int index, KnownHeader known)
    {
        if (KnownHeaders.IsForbiddenInTrailers(known) || (known == KnownHeader.Other && KnownHeaders.IsAlias(Block.NameAt(index))))
        {
            return Reject(FramingErrors.TrailerField);
        }

        if (known == KnownHeader.Other && IsForTheHeadOnly(Block.NameAt(index)))
        {
            Block.RemoveAt(index);
        }

        return true;
    }

    // Who is asking, for what part of it, and how to read the content (RFC 9110 §6.5.1): a recipient that adds trailers to the head
    // would believe them after they were checked. They do no harm to us, so they are dropped (§6.5.2) and the message lives.
    internal static bool IsForTheHeadOnly(ReadOnlySpan<byte> name)
    {
        foreach (var forbidden in s_headOnly)
        {
            if (Ascii.EqualsIgnoreCase(name, forbidden))
            {
                return true;
            }
        }

        return false;
    }

    private protected override bool Finish() => true;
}
