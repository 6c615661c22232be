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

    /// <summary>Rewrites. A prefix allocates nothing; a pattern that matches costs two strings.</summary>
    public void Apply(RequestHead request)
    {
        ReadOnlySpan<byte> target = request.Target;
        ReadOnlySpan<byte> path = RequestTarget.PathOf(target);
        if (_prefix is not null)
        {
            if (_matcher.TryGetRest(path, out ReadOnlySpan<byte> rest))
            {
                Replace(request, path, _prefix, rest);
            }
        }
        else if (_pattern.IsMatch(path))
        {
            string old = Encoding.UTF8.GetString(path);
            string rewritten = _regex!.Regex.Replace(old, _regex.Substitution);
            if (rewritten != old)
            {
                Replace(request, path, Encoding.ASCII.GetBytes(ToPath(rewritten)), default);
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

    /// <summary>
    /// What a substitution made is a path again: it begins with a slash, and what a request line cannot hold, or would take for
    /// the query, is percent-encoded (RFC 3986 §3.3).
    /// </summary>
    private static string ToPath(string text)
    {
        var path = new StringBuilder(text.Length + 1);
        if (!text.StartsWith('/'))
        {
            path.Append('/');
        }

        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (b is <= (byte)' ' or >= 0x7F or (byte)'?' or (byte)'#')
            {
                path.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
            else
            {
                path.Append((char)b);
            }
        }

        return path.ToString();
    }
}
