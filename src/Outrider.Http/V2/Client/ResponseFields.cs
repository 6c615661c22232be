using System.Buffers.Text;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.V2.Hpack;

namespace Outrider.Http.V2.Client;

/// <summary>Reads a header block into a response's head or trailers, and says whether it is well formed (RFC 9113 §8).</summary>
internal sealed class ResponseFields(HpackDecoder decoder, HttpLimits limits)
{
    /// <summary>Reads a head; null, or what is wrong with it. The whole block is read in any case: the next one builds on it.</summary>
    internal string? ReadHead(ReadOnlySpan<byte> block, ResponseHead head, bool endStream)
    {
        head.Clear();
        head.KeepAlive = true;
        head.MinorVersion = 1;
        string? wrong = Read(block, head.Fields, head);
        if (wrong is null && head.Status == 0)
        {
            return "a response without :status";
        }

        head.ContentLength = -1;
        head.Framing = endStream ? BodyFraming.None : BodyFraming.Chunked;
        if (wrong is null && head.Fields.IndexOf(KnownHeader.ContentLength) is >= 0 and var i)
        {
            var text = head.Fields.ValueAt(i);
            // The parser would take a sign as well.
            if (text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 || !Utf8Parser.TryParse(text, out long length, out int used) || used != text.Length)
            {
                return "a content-length that is no number";
            }

            head.ContentLength = length;
            head.Framing = endStream ? BodyFraming.None : BodyFraming.Length;
        }

        return wrong;
    }

    /// <summary>Reads trailers; null, or what is wrong with them.</summary>
    internal string? ReadTrailers(ReadOnlySpan<byte> block, HeaderBlock trailers)
    {
        trailers.Clear();
        return Read(block, trailers, null);
    }

    /// <summary>Reads a block that nobody wants.</summary>
    internal void Skip(ReadOnlySpan<byte> block) => decoder.Skip(block);

    /// <summary>Gives the decoder's memory back; nothing is read after it.</summary>
    internal void Release() => decoder.End();

    private string? Read(ReadOnlySpan<byte> block, HeaderBlock into, ResponseHead? head)
    {
        string? wrong = null;
        decoder.Begin();
        while (decoder.Read(ref block, out var name, out var value))
        {
            wrong ??= Take(name, value, into, head);
        }

        decoder.End();
        return wrong;
    }

    private string? Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, HeaderBlock into, ResponseHead? head)
    {
        if (into.Count >= limits.MaxHeaderCount || into.Length + name.Length + value.Length > limits.MaxHeaderBytes)
        {
            return "more header fields than the limit";
        }

        if (!name.IsEmpty && name[0] == (byte)':')
        {
            if (head is null || head.Status != 0 || into.Count > 0 || !name.SequenceEqual(":status"u8)
                || value.Length != 3 || !Utf8Parser.TryParse(value, out int status, out int used) || used != 3 || status is < 100 or > 599)
            {
                return "a pseudo-header field where or as it must not be";
            }

            head.Status = status;
            return null;
        }

        var known = KnownHeaders.Identify(name);
        if (!IsName(name) || value.IndexOfAny((byte)0, (byte)'\r', (byte)'\n') >= 0
            || KnownHeaders.IsHopByHop(known))
        {
            return "a header field that HTTP/2 does not allow";
        }

        // RFC 9110 §8.6: saying the same twice may be taken as saying it once.
        if (known == KnownHeader.ContentLength && into.IndexOf(known) is >= 0 and var said && !into.ValueAt(said).SequenceEqual(value))
        {
            return "two content-lengths";
        }

        into.Add(name, value, known);
        return null;
    }

    // RFC 9113 §8.2.1: no control characters, spaces, capitals, colons or bytes above 126.
    private static bool IsName(ReadOnlySpan<byte> name)
        => !name.IsEmpty && name.IndexOfAnyInRange((byte)0, (byte)' ') < 0 && name.IndexOfAnyInRange((byte)'A', (byte)'Z') < 0
            && name.IndexOfAnyInRange((byte)127, (byte)255) < 0 && !name.Contains((byte)':');
}
