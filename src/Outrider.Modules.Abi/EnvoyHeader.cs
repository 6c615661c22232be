namespace Outrider.Modules.Abi;

/// <summary>A name and a value that Envoy owns; as <see cref="EnvoyBuffer"/>.</summary>
internal unsafe struct EnvoyHeader
{
    public byte* Name;
    public nuint NameLength;
    public byte* Value;
    public nuint ValueLength;

    public readonly ReadOnlySpan<byte> NameSpan => new(Name, checked((int)NameLength));

    public readonly ReadOnlySpan<byte> ValueSpan => new(Value, checked((int)ValueLength));
}
