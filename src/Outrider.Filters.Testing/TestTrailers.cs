using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>Trailers in memory.</summary>
internal sealed class TestTrailers : HeaderMap
{
    private readonly TestFields _fields = new();

    internal TestTrailers(IEnumerable<KeyValuePair<string, string>> trailers)
    {
        foreach (var (name, value) in trailers)
        {
            _fields.AddAsItIs(name, value);
        }
    }

    public override int Count => _fields.Count;

    public override HeaderField this[int index] => _fields.At(index);

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => _fields.TryGetValue(name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfForbidden(name);
        _fields.Set(name, value);
    }

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfForbidden(name);
        _fields.Append(name, value);
    }

    public override bool Remove(ReadOnlySpan<byte> name) => _fields.Remove(name);

    internal IEnumerable<KeyValuePair<string, string>> Copy() => _fields.Copy();

    private static void ThrowIfForbidden(ReadOnlySpan<byte> name)
    {
        if (Ascii.EqualsIgnoreCase(name, "content-length"u8) || Ascii.EqualsIgnoreCase(name, "host"u8))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' may not come in trailers (RFC 9110 §6.5.1)");
        }
    }
}
