using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Headers;

/// <summary>A message's trailers, where Envoy has them.</summary>
internal sealed class EnvoyTrailers(EnvoyLink link, HeaderMapKind map) : HeaderMap
{
    private HeaderAccess _fields = new(link, map);

    public override int Count => _fields.Count;

    public override HeaderField this[int index] => _fields.At(index);

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => _fields.TryGetValue(name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _fields.Set(name, value);

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _fields.Append(name, value);

    public override bool Remove(ReadOnlySpan<byte> name) => _fields.Remove(name);
}
