using System.Text;

namespace Outrider.Filters;

/// <summary>A name and a value inside a <see cref="HeaderMap"/>; good until the map changes or the method awaits.</summary>
public readonly ref struct HeaderField
{
    /// <summary>Made by a base from its own memory.</summary>
    public HeaderField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    /// <summary>The name as it was sent.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value without leading and trailing white space.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Encoding.Latin1.GetString(Name)}: {Encoding.Latin1.GetString(Value)}";
}
