namespace Outrider.Filters;

/// <summary>A message's trailers as one filter object reaches them; see <see cref="StreamFacade"/>.</summary>
internal sealed class TrailersFacade(StreamFacade stream, HeaderMap inner) : HeaderMap
{
    public override int Count => Here.Count;

    /// <summary>The base's map.</summary>
    internal HeaderMap Inner => inner;

    private HeaderMap Here
    {
        get
        {
            stream.Check();
            return inner;
        }
    }

    public override HeaderField this[int index] => Here[index];

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Here.TryGetValue(name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Here.Set(name, value);

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Here.Append(name, value);

    public override bool Remove(ReadOnlySpan<byte> name) => Here.Remove(name);
}
