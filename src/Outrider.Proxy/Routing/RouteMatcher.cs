using System.Text;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Routing;

/// <summary>What a request must look like for a route.</summary>
internal sealed class RouteMatcher
{
    private readonly PathMatch _kind;
    private readonly byte[] _path = [];
    private readonly TextPattern _pattern;
    private readonly byte[]? _method;
    private readonly HeaderMatcher[] _headers;
    private readonly StreamMatcher? _stream;

    public RouteMatcher(RouteMatchConfiguration configuration)
    {
        if (configuration.Prefix is { } prefix)
        {
            _kind = PathMatch.Prefix;
            _path = Encoding.UTF8.GetBytes(prefix);
        }
        else if (configuration.Path is { } path)
        {
            _kind = PathMatch.Whole;
            _path = Encoding.UTF8.GetBytes(path);
        }
        else if (configuration.Regex is { } regex)
        {
            _kind = PathMatch.Pattern;
            _pattern = new TextPattern(regex);
        }

        _method = configuration.Method is { } method ? Encoding.UTF8.GetBytes(method) : null;
        _stream = StreamMatcher.Create(configuration);
        _headers = [.. configuration.Headers.Select(header => new HeaderMatcher(header))];
    }

    private enum PathMatch
    {
        Any,
        Prefix,
        Whole,
        Pattern,
    }

    /// <summary>The whole path that it wants, in any case of letters; null where it wants something else of the path, or nothing.</summary>
    public byte[]? WholePath => _kind == PathMatch.Whole ? _path : null;

    /// <summary>What the path has to begin with; null where it wants something else of the path, or nothing.</summary>
    public byte[]? PathPrefix => _kind == PathMatch.Prefix ? _path : null;

    /// <summary>The headers that it wants to be one very text.</summary>
    public IEnumerable<HeaderMatcher> ExactHeaders => _headers.Where(static header => header.IsExact);

    /// <summary>Does the request match?</summary>
    /// <param name="request">The request.</param>
    /// <param name="path">Its path without the query, which the caller has found once for all routes.</param>
    /// <param name="stream">What is known of its stream; null where there is none, and matchers of variables and expressions match nothing.</param>
    public bool Matches(RequestHead request, ReadOnlySpan<byte> path, StreamContext? stream = null)
    {
        // The path first: it rules out most routes, and costs least but for a pattern.
        if (!MatchesPath(path) || (_method is not null && !request.Method.SequenceEqual(_method)))
        {
            return false;
        }

        foreach (HeaderMatcher header in _headers)
        {
            if (!header.Matches(request))
            {
                return false;
            }
        }

        return _stream is null || (stream is not null && _stream.Matches(stream));
    }

    /// <summary>What of the path a <c>prefix_rewrite</c> leaves as it is: all behind the prefix; nothing when the whole path matches.</summary>
    /// <returns>False when the path is not one that matches (a filter may have changed it since).</returns>
    public bool TryGetRest(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> rest)
    {
        rest = default;
        if (!MatchesPath(path))
        {
            return false;
        }

        rest = path[Math.Min(_path.Length, path.Length)..];
        return true;
    }

    private bool MatchesPath(ReadOnlySpan<byte> path) => _kind switch
    {
        PathMatch.Prefix => path.StartsWith(_path),
        PathMatch.Whole => HostNameComparer.AreEqual(path, _path),
        PathMatch.Pattern => _pattern.IsMatch(path),
        _ => true,
    };
}
