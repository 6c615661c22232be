namespace Outrider.Filters.Testing;

/// <summary>A response's head in memory, with the rules that every base has for it.</summary>
internal sealed class TestResponseHeaders(int status) : ResponseHeaders
{
    private int _status = status;

    public override int Count => Fields.Count;

    public override int Status
    {
        get => _status;
        set
        {
            LocalReply.ValidateStatus(value);
            _status = _status == 101 ? throw new ArgumentOutOfRangeException(nameof(value), value, "an upgrade cannot be taken back") : value;
        }
    }

    internal TestFields Fields { get; } = new();

    public override HeaderField this[int index] => Fields.At(index);

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Fields.TryGetValue(name, out value);

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Fields.Set(name, value);

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Fields.Append(name, value);

    public override bool Remove(ReadOnlySpan<byte> name) => Fields.Remove(name);
}
