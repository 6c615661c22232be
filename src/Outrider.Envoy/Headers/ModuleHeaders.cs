using System.Runtime.InteropServices;
using System.Text;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Headers;

/// <summary>Header fields in memory that does not move, for the length of one callback.</summary>
internal unsafe ref struct ModuleHeaders
{
    private byte* _bytes;
    private int _capacity;
    private int _used;
    private ModuleHeader[] _fields;
    private int _count;

    internal ModuleHeaders(IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        _fields = new ModuleHeader[fields.Count + 4];
        foreach (var (name, value) in fields)
        {
            Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value));
        }
    }

    /// <summary>The fields; good until one is added or this is disposed.</summary>
    internal readonly ReadOnlySpan<ModuleHeader> Span
    {
        get
        {
            // Kept as distances while the memory could grow.
            var fields = new ModuleHeader[_count];
            for (int i = 0; i < _count; i++)
            {
                fields[i] = _fields[i];
                fields[i].Name = _bytes + (nint)_fields[i].Name;
                fields[i].Value = _bytes + (nint)_fields[i].Value;
            }

            return fields;
        }
    }

    internal void Add(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        if (_count == _fields.Length)
        {
            Array.Resize(ref _fields, _count * 2);
        }

        _fields[_count++] = new ModuleHeader { Name = (byte*)Write(name), NameLength = (nuint)name.Length, Value = (byte*)Write(value), ValueLength = (nuint)value.Length };
    }

    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
    }

    private nint Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (_capacity - _used < bytes.Length + 1)
        {
            _capacity = Math.Max(256, (_used + bytes.Length + 1) * 2);
            _bytes = (byte*)NativeMemory.Realloc(_bytes, (nuint)_capacity);
        }

        int at = _used;
        bytes.CopyTo(new Span<byte>(_bytes + at, bytes.Length));
        // An empty value has an address of its own too.
        _used += bytes.Length + 1;
        return at;
    }
}
