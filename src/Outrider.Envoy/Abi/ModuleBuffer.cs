namespace Outrider.Envoy.Abi;

/// <summary>Bytes that the module owns: Envoy reads them during the callback alone.</summary>
internal unsafe struct ModuleBuffer(byte* data, nuint length)
{
    public byte* Data = data;
    public nuint Length = length;

    public readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Length));
}
