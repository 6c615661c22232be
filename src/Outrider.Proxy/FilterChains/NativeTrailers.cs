using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;

namespace Outrider.Proxy.FilterChains;

/// <summary>A block of fields as a filter sees it. The stream owns the block.</summary>
internal sealed class NativeTrailers(HeaderBlock fields) : HeaderMap
{
    public override int Count => fields.Count;

    public override HeaderField this[int index] => FieldAccess.At(fields, index);

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => FieldAccess.TryGetValue(fields, name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfForbidden(name, value);
        fields.Set(name, value);
    }

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfForbidden(name, value);
        fields.Add(name, value);
    }

    public override bool Remove(ReadOnlySpan<byte> name) => fields.Remove(name);

    private static void ThrowIfForbidden(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        FieldAccess.ThrowIfForbidden(name, value);
        if (KnownHeaders.IsForbiddenInTrailers(KnownHeaders.Identify(name)))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' may not come in trailers (RFC 9110 §6.5.1)");
        }
    }
}
