using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Http.V1.Parsing;

namespace Outrider.Proxy.FilterChains;

/// <summary>A request's head as a filter sees it; reads and writes the stream's own. <c>host</c> is kept apart as the authority, and answers under its name too.</summary>
/// <param name="head">The stream's.</param>
/// <param name="stream">Where its scheme is known; null for a head alone.</param>
/// <param name="isStrict">Are clients held to what RFC 3986 allows in a target, and so filters too?</param>
internal sealed class NativeRequestHeaders(RequestHead head, ServerStream? stream = null, bool isStrict = false) : RequestHeaders
{
    private readonly RequestHead _head = head;

    private HeaderBlock Fields => _head.Fields;

    public override int Count => Fields.Count;

    public override HeaderField this[int index] => FieldAccess.At(Fields, index);

    public override ReadOnlySpan<byte> Method
    {
        get => _head.Method;
        set
        {
            RequestLineRules.ThrowUnlessMethod(value, Path);

            _head.SetMethod(value);
        }
    }

    public override ReadOnlySpan<byte> Path
    {
        get => _head.Target;
        set
        {
            RequestLineRules.ThrowUnlessTarget(value, Method);
            if (isStrict && !RequestTargets.IsStrict(value))
            {
                throw new ArgumentException("the listener has strict_target: a path may have only what RFC 3986 allows");
            }

            _head.SetTarget(value);
        }
    }

    public override ReadOnlySpan<byte> Authority
    {
        get => _head.Authority;
        set
        {
            RequestLineRules.ThrowUnlessAuthority(value);

            _head.SetAuthority(value);
        }
    }

    public override ReadOnlySpan<byte> Scheme => stream?.Transport.Tls is null ? "http"u8 : "https"u8;

    public override bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (FieldAccess.TryGetValue(Fields, name, out value))
        {
            return true;
        }

        if (IsHost(name) && !_head.Authority.IsEmpty)
        {
            value = _head.Authority;
            return true;
        }

        return false;
    }

    public override void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (IsHost(name))
        {
            Authority = value;
            return;
        }

        FieldAccess.Set(_head, name, value);
    }

    public override void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (IsHost(name))
        {
            Authority = value;
            return;
        }

        FieldAccess.Append(_head, name, value);
    }

    public override bool Remove(ReadOnlySpan<byte> name)
    {
        if (KnownHeaders.Identify(name) == KnownHeader.Upgrade)
        {
            // Without it Connection must not say "upgrade", and 101 is no answer any more (RFC 9110 §7.8).
            _head.IsUpgrade = false;
        }

        return FieldAccess.Remove(_head, name);
    }

    private static bool IsHost(ReadOnlySpan<byte> name) => name.Length == 4 && Ascii.EqualsIgnoreCase(name, "host"u8);
}
