using System.Text;
using Outrider.Filters;

namespace OutriderFilter1.Tests;

/// <summary>A request's head in memory.</summary>
internal sealed class FakeRequestHeaders : RequestHeaders
{
    private readonly List<(byte[] Name, byte[] Value)> _fields = [];
    private byte[] _method = "GET"u8.ToArray();
    private byte[] _path = "/"u8.ToArray();
    private byte[] _authority = "localhost"u8.ToArray();

    public override ReadOnlySpan<byte> Method
    {
        get => _method;
        set => _method = value.ToArray();
    }

    public override ReadOnlySpan<byte> Path
    {
        get => _path;
        set => _path = value.ToArray();
    }

    public override ReadOnlySpan<byte> Authority
    {
        get => _authority;
        set => _authority = value.ToArray();
    }

    public override ReadOnlySpan<byte> Scheme => "http"u8;

    public override int Count => _fields.Count;

    public override HeaderField this[int index] => new(_fields[index].Name, _fields[index].Value);

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int index = IndexOf(name);
        value = index < 0 ? default : _fields[index].Value;
        return index >= 0;
    }

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Remove(name);
        Append(name, value);
    }

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _fields.Add((name.ToArray(), value.ToArray()));

    public override bool Remove(ReadOnlySpan<byte> name)
    {
        int index = IndexOf(name);
        if (index >= 0)
        {
            _fields.RemoveAt(index);
            Remove(name);
        }

        return index >= 0;
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
