using Outrider.Filters;
using Outrider.Http;

namespace Outrider.Proxy.FilterChains;

/// <summary>A response's head as a filter sees it; reads and writes the stream's own.</summary>
internal sealed class NativeResponseHeaders(ResponseHead head) : ResponseHeaders
{
    private HeaderBlock Fields => head.Fields;

    public override int Count => Fields.Count;

    public override HeaderField this[int index] => FieldAccess.At(Fields, index);

    public override int Status
    {
        get => head.Status;
        set
        {
            LocalReply.ValidateStatus(value);
            if (head.Status == 101)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "an upgrade cannot be taken back");
            }

            head.Status = value;
        }
    }

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => FieldAccess.TryGetValue(Fields, name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        FieldAccess.ThrowIfForbidden(name, value);
        if (KnownHeaders.Identify(name) == KnownHeader.ContentLength)
        {
            head.ContentLength = FieldAccess.ParseContentLength(value);
            if (head.Framing != BodyFraming.None)
            {
                // A promise that the body has to keep, 0 included; where there is no body it is only a number.
                head.Framing = BodyFraming.Length;
            }
        }

        Fields.Set(name, value);
    }

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (KnownHeaders.Identify(name) == KnownHeader.ContentLength)
        {
            Set(name, value);
            return;
        }

        FieldAccess.ThrowIfForbidden(name, value);
        Fields.Add(name, value);
    }

    public override bool Remove(ReadOnlySpan<byte> name)
    {
        if (KnownHeaders.Identify(name) == KnownHeader.ContentLength && head.Framing == BodyFraming.Length)
        {
            head.Framing = BodyFraming.Chunked;
            head.ContentLength = -1;
        }

        return Fields.Remove(name);
    }
}
