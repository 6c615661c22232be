using System.Text;
using Outrider.Configuration.Model;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Routing;

/// <summary>
/// Rewrites the path of a request; the query stays, and so does, byte for byte, what of the path the rewrite does not touch. Upstream
/// finds the path as it was in <c>x-mosn-original-path</c>, as with MOSN.
/// </summary>
internal sealed class PathRewriter
{
    private readonly RouteMatcher _matcher;
    private readonly byte[]? _prefix;
    private readonly PathSubstitution? _substitution;
    private readonly TextPattern _pattern;

    private PathRewriter(RouteActionConfiguration action, RouteMatcher matcher)
    {
        _matcher = matcher;
        _prefix = action.PrefixRewrite is { } prefix ? PathEncoding.Encode(Encoding.UTF8.GetBytes(prefix), keepsQuery: true) : null;
        _substitution = action.RegexRewrite is { } regex ? new PathSubstitution(regex) : null;
        _pattern = action.RegexRewrite is { } rewrite ? new TextPattern(rewrite.Regex) : default;
    }

    /// <summary>Name of the field that keeps the original path.</summary>
    public static ReadOnlySpan<byte> OriginalPath => "x-mosn-original-path"u8;

    /// <summary>The rewriter of a route; null when it rewrites nothing.</summary>
    public static PathRewriter? Create(RouteActionConfiguration? action, RouteMatcher matcher)
        => action?.PrefixRewrite is null && action?.RegexRewrite is null ? null : new PathRewriter(action, matcher);

    /// <summary>Rewrites the path, looked at in its normal form, as it was matched. A prefix allocates nothing where that is the form it came in; a pattern that matches costs some objects.</summary>
    public void Apply(RequestHead request)
    {
        ReadOnlySpan<byte> path = RequestTarget.PathOf(request.Target);
        if (NormalPath.Is(path))
        {
            Apply(request, path, path, default);
        }
        else
        {
            int[] origins = new int[path.Length];
            Apply(request, path, NormalPath.Write(path, new byte[path.Length], origins), origins);
        }
    }

    private void Apply(RequestHead request, ReadOnlySpan<byte> path, ReadOnlySpan<byte> normal, ReadOnlySpan<int> origins)
    {
        if (_prefix is not null)
        {
            if (_matcher.TryGetRest(normal, out ReadOnlySpan<byte> rest))
            {
                // Where the rest begins in the path as it came: nothing behind that place leads back before it, or the bytes before
                // would not be in the normal form.
                Replace(request, path, _prefix, rest.IsEmpty || origins.IsEmpty ? rest : path[origins[normal.Length - rest.Length]..]);
            }
        }
        else if (_pattern.IsMatch(normal) && _substitution!.Apply(path) is { } made)
        {
            Replace(request, path, made, default);
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
}
