namespace Outrider.Filters;

/// <summary>A response's head as one filter object reaches it; see <see cref="StreamFacade"/>.</summary>
internal sealed class ResponseHeadersFacade(StreamFacade stream, ResponseHeaders inner) : ResponseHeaders
{
    public override int Count => Here.Count;

    public override int Status
    {
        get => Here.Status;
        set => Changing.Status = value;
    }

    /// <summary>The base's map.</summary>
    internal ResponseHeaders Inner => inner;

    private ResponseHeaders Here
    {
        get
        {
            stream.Check();
            return inner;
        }
    }

    private ResponseHeaders Changing
    {
        get
        {
            stream.CheckResponseHead();
            return inner;
        }
    }

    public override HeaderField this[int index] => Here[index];

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Here.TryGetValue(name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Changing.Set(name, value);

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Changing.Append(name, value);

    public override bool Remove(ReadOnlySpan<byte> name) => Changing.Remove(name);
}
