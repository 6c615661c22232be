namespace Outrider.Modules.Abi;

/// <summary>A name and a value that the module owns; as <see cref="ModuleBuffer"/>.</summary>
internal unsafe struct ModuleHeader
{
    public byte* Name;
    public nuint NameLength;
    public byte* Value;
    public nuint ValueLength;

    public readonly ReadOnlySpan<byte> NameSpan => Name is null ? default : new(Name, checked((int)NameLength));

    public readonly ReadOnlySpan<byte> ValueSpan => Value is null ? default : new(Value, checked((int)ValueLength));
}
