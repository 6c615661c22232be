using System.Buffers.Text;
using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>The fields of one head in memory, with what a filter may make of them on every base.</summary>
internal sealed class TestFields
{
    private readonly List<(byte[] Name, byte[] Value)> _fields = [];

    internal int Count => _fields.Count;

    /// <summary>Has a filter set the length?</summary>
    internal bool LengthIsGiven { get; private set; }

    /// <summary>What <c>content-length</c> says; −1 where there is none.</summary>
    internal long Length
    {
        get => TryGetValue("content-length"u8, out var value) && Utf8Parser.TryParse(value, out long length, out _) ? length : -1;
        set
        {
            _ = Remove("content-length"u8);
            if (value >= 0)
            {
                _fields.Add(("content-length"u8.ToArray(), Encoding.ASCII.GetBytes(value.ToString(System.Globalization.CultureInfo.InvariantCulture))));
            }
        }
    }

    internal static string? Find(IReadOnlyList<KeyValuePair<string, string>> fields, string name)
    {
        foreach (var (key, value) in fields)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    internal HeaderField At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_fields.Count, nameof(index));
        return new HeaderField(_fields[index].Name, _fields[index].Value);
    }

    internal bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int index = IndexOf(name);
        value = index < 0 ? default : _fields[index].Value;
        return index >= 0;
    }

    /// <summary>As it came, or as a base writes it: nothing is looked at.</summary>
    internal void AddAsItIs(string name, string value) => _fields.Add((Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)));

    /// <summary>A filter sets a field.</summary>
    internal void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfForbidden(name, value);
        int index = IndexOf(name);
        _ = Remove(name);
        _fields.Insert(index < 0 ? _fields.Count : index, (name.ToArray(), value.ToArray()));
    }

    /// <summary>A filter adds a field; of a length there is one.</summary>
    internal void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (IsLength(name))
        {
            Set(name, value);
            return;
        }

        ThrowIfForbidden(name, value);
        _fields.Add((name.ToArray(), value.ToArray()));
    }

    internal bool Remove(ReadOnlySpan<byte> name)
    {
        bool any = false;
        for (int index; (index = IndexOf(name)) >= 0; any = true)
        {
            _fields.RemoveAt(index);
        }

        return any;
    }

    /// <summary>A copy as text.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Copy() => _fields.Select(field => KeyValuePair.Create(Encoding.Latin1.GetString(field.Name), Encoding.Latin1.GetString(field.Value)));

    private static bool IsLength(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "content-length"u8);

    private void ThrowIfForbidden(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        if (HeaderSyntax.IsConnections(name))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' belongs to the connection; the base writes it");
        }

        if (IsLength(name))
        {
            if (value.IsEmpty || value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 || !Utf8Parser.TryParse(value, out long _, out int used) || used != value.Length)
            {
                throw new ArgumentException("content-length is one decimal number");
            }

            LengthIsGiven = true;
        }
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _fields.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(name, _fields[i].Name))
            {
                return i;
            }
        }

        return -1;
    }
}
