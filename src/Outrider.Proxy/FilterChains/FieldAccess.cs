using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Proxy.FilterChains;

/// <summary>What the three kinds of header maps do alike.</summary>
internal static class FieldAccess
{
    internal static HeaderField At(HeaderBlock fields, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)fields.Count, nameof(index));
        return new HeaderField(fields.NameAt(index), fields.ValueAt(index));
    }

    internal static bool TryGetValue(HeaderBlock fields, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int index = fields.IndexOf(name);
        if (index < 0)
        {
            value = default;
            return false;
        }

        value = fields.ValueAt(index);
        return true;
    }

    /// <summary>A filter says what a message is, not where it ends: the fields that say that are the codec's.</summary>
    internal static void ThrowIfForbidden(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        if (KnownHeaders.IsHopByHop(KnownHeaders.Identify(name)))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' belongs to the connection; the proxy writes it");
        }
    }

    /// <summary>A filter sets a field. A length is a promise that the body has to keep, 0 included; where there is no body it is only a number.</summary>
    internal static void Set(MessageHead head, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfForbidden(name, value);
        if (IsContentLength(name))
        {
            head.ContentLength = ParseContentLength(value);
            head.LengthIsGiven = true;
            if (head.Framing != BodyFraming.None)
            {
                head.Framing = BodyFraming.Length;
            }
        }

        head.Fields.Set(name, value);
    }

    /// <summary>A filter adds a line; of a length there is one.</summary>
    internal static void Append(MessageHead head, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (IsContentLength(name))
        {
            Set(head, name, value);
            return;
        }

        ThrowIfForbidden(name, value);
        head.Fields.Add(name, value);
    }

    /// <summary>A filter removes a field. Without a length the body goes in chunks.</summary>
    internal static bool Remove(MessageHead head, ReadOnlySpan<byte> name)
    {
        if (IsContentLength(name))
        {
            // Also where there is no body: a response to HEAD would say it still.
            head.ContentLength = -1;
            if (head.Framing == BodyFraming.Length)
            {
                head.Framing = BodyFraming.Chunked;
            }
        }

        return head.Fields.Remove(name);
    }

    private static bool IsContentLength(ReadOnlySpan<byte> name) => KnownHeaders.Identify(name) == KnownHeader.ContentLength;

    private static long ParseContentLength(ReadOnlySpan<byte> value)
        // Digits alone (RFC 9110 §8.6): the parser would take a sign too.
        => value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && System.Buffers.Text.Utf8Parser.TryParse(value, out long length, out int used) && used == value.Length
            ? length
            : throw new ArgumentException("content-length is one decimal number");
}
