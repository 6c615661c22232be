using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>A request's head in memory, with the rules that every base has for it.</summary>
internal sealed class TestRequestHeaders : RequestHeaders
{
    private readonly byte[] _scheme;
    private byte[] _method, _path, _authority;

    internal TestRequestHeaders(TestRequest request)
    {
        _method = Encoding.Latin1.GetBytes(request.Method);
        _path = Encoding.Latin1.GetBytes(request.Path);
        _authority = Encoding.Latin1.GetBytes(request.Authority);
        _scheme = Encoding.Latin1.GetBytes(request.Scheme);
        foreach (var (name, value) in request.Headers)
        {
            if (IsHost(Encoding.Latin1.GetBytes(name)))
            {
                _authority = Encoding.Latin1.GetBytes(value);
            }
            else
            {
                Fields.AddAsItIs(name, value);
            }
        }
    }

    public override int Count => Fields.Count;

    public override ReadOnlySpan<byte> Method
    {
        get => _method;
        set
        {
            RequestLineRules.ThrowUnlessMethod(value, _path);
            _method = value.ToArray();
        }
    }

    public override ReadOnlySpan<byte> Path
    {
        get => _path;
        set
        {
            RequestLineRules.ThrowUnlessTarget(value, _method);
            _path = value.ToArray();
        }
    }

    public override ReadOnlySpan<byte> Authority
    {
        get => _authority;
        set
        {
            RequestLineRules.ThrowUnlessAuthority(value);
            _authority = value.ToArray();
        }
    }

    public override ReadOnlySpan<byte> Scheme => _scheme;

    internal TestFields Fields { get; } = new();

    public override HeaderField this[int index] => Fields.At(index);

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (IsHost(name))
        {
            value = _authority;
            return _authority.Length > 0;
        }

        return Fields.TryGetValue(name, out value);
    }

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (IsHost(name))
        {
            Authority = value;
            return;
        }

        Fields.Set(name, value);
    }

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (IsHost(name))
        {
            Authority = value;
            return;
        }

        Fields.Append(name, value);
    }

    public override bool Remove(ReadOnlySpan<byte> name) => Fields.Remove(name);

    private static bool IsHost(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "host"u8);
}
