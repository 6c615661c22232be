using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Modules.Abi;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>What a module gives as the headers of an answer, as ours.</summary>
internal static unsafe class ModuleHeaders
{
    /// <summary>A copy of a module's headers.</summary>
    internal static KeyValuePair<byte[], byte[]>[] Copy(ModuleHeader* headers, nuint count)
    {
        var copy = new KeyValuePair<byte[], byte[]>[checked((int)count)];
        for (int i = 0; i < copy.Length; i++)
        {
            copy[i] = new(headers[i].NameSpan.ToArray(), headers[i].ValueSpan.ToArray());
        }

        return copy;
    }

    /// <summary>A whole answer from a module's headers and body.</summary>
    /// <exception cref="ArgumentException">A header is not one, or the status is not a reply's.</exception>
    internal static LocalReply MakeReply(uint status, ModuleHeader* headers, nuint count, ReadOnlySpan<byte> body, ReadOnlySpan<byte> details)
    {
        var reply = new LocalReply(checked((int)status), body.ToArray()) { Details = details.IsEmpty ? null : Encoding.UTF8.GetString(details) };
        bool hasType = false;
        for (nuint i = 0; i < count; i++)
        {
            var name = headers[i].NameSpan;
            var known = KnownHeaders.Identify(name);
            if (name is [(byte)':', ..] || known == KnownHeader.ContentLength || KnownHeaders.IsHopByHop(known))
            {
                continue;
            }

            hasType |= Ascii.EqualsIgnoreCase(name, "content-type"u8);
            _ = reply.With(Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(headers[i].ValueSpan));
        }

        return hasType || body.IsEmpty || !ResponseContent.Of(reply.Status, isHead: false).IsAllowed ? reply : reply.With("content-type", "text/plain");
    }
}
