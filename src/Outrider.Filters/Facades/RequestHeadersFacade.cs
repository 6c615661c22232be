namespace Outrider.Filters;

/// <summary>A request's head as one filter object reaches it; see <see cref="StreamFacade"/>.</summary>
internal sealed class RequestHeadersFacade(StreamFacade stream, RequestHeaders inner) : RequestHeaders
{
    public override int Count => Here.Count;

    public override ReadOnlySpan<byte> Method
    {
        get => Here.Method;
        set => Changing.Method = value;
    }

    public override ReadOnlySpan<byte> Path
    {
        get => Here.Path;
        set => Changing.Path = value;
    }

    public override ReadOnlySpan<byte> Authority
    {
        get => Here.Authority;
        set => Changing.Authority = value;
    }

    public override ReadOnlySpan<byte> Scheme => Here.Scheme;

    /// <summary>The base's map.</summary>
    internal RequestHeaders Inner => inner;

    private RequestHeaders Here
    {
        get
        {
            stream.Check();
            return inner;
        }
    }

    private RequestHeaders Changing
    {
        get
        {
            stream.CheckRequestHead();
            return inner;
        }
    }

    public override HeaderField this[int index] => Here[index];

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Here.TryGetValue(name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Changing.Set(name, value);

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Changing.Append(name, value);

    public override bool Remove(ReadOnlySpan<byte> name) => Changing.Remove(name);

    public override string ToString() => Here.ToString()!;
}
