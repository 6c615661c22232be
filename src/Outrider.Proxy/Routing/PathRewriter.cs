using System.Buffers;
using System.Globalization;
using System.Text;
using Outrider.Http;
using Outrider.Proxy.Configuration;

namespace Outrider.Proxy.Routing;

/// <summary>Rewrites the path of a request; the query stays. Upstream finds the path as it was in <c>x-mosn-original-path</c>, as with MOSN.</summary>
internal sealed class PathRewriter
{
    private readonly RouteMatcher _matcher;
    private readonly byte[]? _prefix;
    private readonly RegexRewriteConfiguration? _regex;
    private readonly TextPattern _pattern;

    private PathRewriter(RouteActionConfiguration action, RouteMatcher matcher)
    {
        _matcher = matcher;
        _prefix = action.PrefixRewrite is { } prefix ? Encoding.UTF8.GetBytes(prefix) : null;
        _regex = action.RegexRewrite;
        _pattern = _regex is null ? default : new TextPattern(_regex.Regex);
    }

    /// <summary>Name of the field that keeps the original path.</summary>
    public static ReadOnlySpan<byte> OriginalPath => "x-mosn-original-path"u8;

    /// <summary>The rewriter of a route; null when it rewrites nothing.</summary>
    public static PathRewriter? Create(RouteActionConfiguration? action, RouteMatcher matcher)
        => action?.PrefixRewrite is null && action?.RegexRewrite is null ? null : new PathRewriter(action, matcher);

    /// <summary>Rewrites the path in its normal form, as it was matched. A prefix allocates nothing where that is the form it came in; a pattern that matches costs two strings.</summary>
    public void Apply(RequestHead request)
    {
        ReadOnlySpan<byte> target = request.Target;
        ReadOnlySpan<byte> path = RequestTarget.PathOf(target);
        ReadOnlySpan<byte> normal = NormalPath.Is(path) ? path : NormalPath.Write(path, new byte[path.Length]);
        if (_prefix is not null)
        {
            if (_matcher.TryGetRest(normal, out ReadOnlySpan<byte> rest))
            {
                Replace(request, path, _prefix, normal == path ? rest : Encode(rest, isDecoded: true));
            }
        }
        else if (_pattern.IsMatch(normal))
        {
            string old = Encoding.UTF8.GetString(normal);
            string rewritten = _regex!.Regex.Replace(old, _regex.Substitution);
            if (rewritten != old)
            {
                Replace(request, path, ToPath(rewritten, isDecoded: normal != path), default);
            }
        }
    }

    // The block is append-only while it grows, so the spans of the old target stay what they are.
    private static void Replace(RequestHead request, ReadOnlySpan<byte> path, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        HeaderBlock fields = request.Fields;
        ReadOnlySpan<byte> query = RequestTarget.QueryOf(request.Target);
        int start = fields.Store(first);
        fields.Store(second);
        fields.Store(query);
        fields.Set(OriginalPath, path);
        request.SetTarget(start, first.Length + second.Length + query.Length);
    }

    // What a substitution made is a path again: it begins with a slash.
    private static byte[] ToPath(string text, bool isDecoded) => Encode(Encoding.UTF8.GetBytes(text.StartsWith('/') ? text : "/" + text), isDecoded);

    /// <summary>
    /// What a request line cannot hold, or would take for the query, is percent-encoded (RFC 3986 §3.3), and in a path that
    /// has been decoded the percent sign.
    /// </summary>
    private static byte[] Encode(ReadOnlySpan<byte> path, bool isDecoded)
    {
        var encoded = new ArrayBufferWriter<byte>(path.Length + 16);
        foreach (byte b in path)
        {
            if (b is <= (byte)' ' or >= 0x7F or (byte)'?' or (byte)'#' || (isDecoded && b == '%'))
            {
                Span<byte> escape = encoded.GetSpan(3);
                escape[0] = (byte)'%';
                _ = b.TryFormat(escape[1..], out _, "X2", CultureInfo.InvariantCulture);
                encoded.Advance(3);
            }
            else
            {
                encoded.Write([b]);
            }
        }

        return encoded.WrittenSpan.ToArray();
    }
}
