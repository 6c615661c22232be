namespace Outrider.Modules.Abi;

/// <summary>Bytes that the module owns: Envoy reads them during the callback alone.</summary>
internal unsafe struct ModuleBuffer(byte* data, nuint length)
{
    public byte* Data = data;
    public nuint Length = length;

    /// <summary>The bytes; none where there is no address, whatever the length says.</summary>
    public readonly ReadOnlySpan<byte> Span => Data is null ? default : new(Data, checked((int)Length));

    public readonly string Text => System.Text.Encoding.UTF8.GetString(Span);
}
