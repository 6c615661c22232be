namespace Outrider.Modules.Abi;

/// <summary>Bytes that Envoy owns: good until the event hook returns, or until the thing that they belong to is changed.</summary>
internal unsafe struct EnvoyBuffer
{
    public byte* Data;
    public nuint Length;

    public readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Length));
}
