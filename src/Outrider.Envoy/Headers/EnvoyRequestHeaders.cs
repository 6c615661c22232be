using System.Text;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Headers;

/// <summary>A request's head, where Envoy has it. <c>host</c> is <c>:authority</c> there, and answers under its name too.</summary>
internal sealed class EnvoyRequestHeaders(EnvoyLink link) : RequestHeaders
{
    private HeaderAccess _fields = new(link, HeaderMapKind.RequestHeaders);
    private bool _methodChanged, _wasHead;

    /// <summary>Did the client ask with HEAD, whatever this filter has made of its request since?</summary>
    internal bool IsHead => _methodChanged ? _wasHead : Method.SequenceEqual("HEAD"u8);

    /// <summary>Has this filter changed the method?</summary>
    internal bool MethodChanged => _methodChanged;

    /// <inheritdoc cref="HeaderAccess.LengthIsGiven"/>
    internal bool LengthIsGiven => _fields.LengthIsGiven;

    public override int Count => _fields.Count;

    public override HeaderField this[int index] => _fields.At(index);

    public override ReadOnlySpan<byte> Method
    {
        get => _fields.GetPseudo(":method"u8);
        set
        {
            RequestLineRules.ThrowUnlessMethod(value, Path);

            OnMethodChange();
            _fields.Write(":method"u8, value);
        }
    }

    public override ReadOnlySpan<byte> Path
    {
        get => _fields.GetPseudo(":path"u8);
        set
        {
            RequestLineRules.ThrowUnlessTarget(value, Method);

            _fields.Write(":path"u8, value);
        }
    }

    public override ReadOnlySpan<byte> Authority
    {
        get => _fields.GetPseudo(":authority"u8);
        set
        {
            RequestLineRules.ThrowUnlessAuthority(value);

            _fields.Write(":authority"u8, value);
        }
    }

    public override ReadOnlySpan<byte> Scheme => _fields.GetPseudo(":scheme"u8);

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (!HeaderAccess.Is(name, "host"u8))
        {
            return _fields.TryGetValue(name, out value);
        }

        value = Authority;
        return !value.IsEmpty;
    }

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (HeaderAccess.Is(name, "host"u8))
        {
            Authority = value;
            return;
        }

        _fields.Set(name, value);
    }

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (HeaderAccess.Is(name, "host"u8))
        {
            Authority = value;
            return;
        }

        _fields.Append(name, value);
    }

    public override bool Remove(ReadOnlySpan<byte> name) => !HeaderAccess.Is(name, "host"u8) && _fields.Remove(name);

    /// <inheritdoc/>
    public override string ToString() => $"{Encoding.Latin1.GetString(Method)} {Encoding.Latin1.GetString(Path)}";

    /// <summary>Makes ready for another stream.</summary>
    internal void Reset()
    {
        _methodChanged = false;
        _fields.LengthIsGiven = false;
    }

    // What the client asked with is remembered.
    private void OnMethodChange()
    {
        if (!_methodChanged)
        {
            _wasHead = IsHead;
            _methodChanged = true;
        }
    }
}
