using Outrider.Filters;

namespace Outrider.Http.V1.Parsing;

/// <summary>The rules of RFC 9112 §3.2 for whoever else has to know them.</summary>
public static class RequestTargets
{
    /// <summary>Is this <c>uri-host [ ":" port ]</c> (RFC 9110 §7.2), and not empty?</summary>
    public static bool IsAuthority(ReadOnlySpan<byte> value) => RequestLineRules.IsAuthority(value);

    /// <summary>Is this a path and query of which RFC 3986 allows every byte, or <c>*</c>?</summary>
    public static bool IsStrict(ReadOnlySpan<byte> target) => target is [(byte)'*'] || FieldRules.IsOriginForm(target, strict: true);
}
