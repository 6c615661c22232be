namespace Outrider.Tests.Boundaries;

/// <summary>A message whose end a filter would move, and what has to come of it.</summary>
/// <param name="Method">What the client asks with.</param>
/// <param name="Do">What the filter does (<c>BoundariesFilter</c>).</param>
/// <param name="Upstream">What the upstream has: its path.</param>
/// <param name="Status">The status that the client sees; 0 where the exchange fails: 500 or a cut connection, and a line in the log.</param>
/// <param name="Length">Its <c>content-length</c>; null where none may be, with a <c>?</c> behind it where it may be missing, <c>?</c> alone where the base may say what it likes.</param>
/// <param name="Body">Its body, without the chunks; null where none may be.</param>
/// <param name="RequestBody">The body of the request: empty for none, with a <c>*</c> in front where it is chunked.</param>
internal sealed record BoundaryCase(string Method, string Do, string Upstream, int Status, string? Length, string? Body, string RequestBody = "")
{
    /// <summary>Every kind of message, and what a filter can do to its end (RFC 9110 §6.4.1, §8.6, §15.3.5, §15.3.6, §15.4.5).</summary>
    internal static IEnumerable<BoundaryCase> All()
    {
        foreach (string late in new[] { "", ", late" })
        {
            foreach (var one in OfStatuses().Concat(OfLengths()).Concat(OfRequests()))
            {
                yield return one with { Do = one.Do + late };
            }
        }
    }

    // Envoy writes "content-length: 0" where a 304 says nothing: to a head without a body that is no different.
    private static IEnumerable<BoundaryCase> OfStatuses()
    {
        yield return new("HEAD", "append", "/length", 200, null, null);
        yield return new("HEAD", "whole", "/length", 200, "8", null);
        yield return new("HEAD", "", "/length", 200, "8", null);
        yield return new("HEAD", "append", "/chunked", 200, null, null);
        yield return new("HEAD", "method GET", "/length", 200, "8?", null);
        yield return new("HEAD", "method GET, append", "/length", 200, "13", null);
        yield return new("HEAD", "method GET", "/chunked", 200, null, null);
        yield return new("GET", "method HEAD", "/length", 200, "0", null);
        yield return new("GET", "append", "/204", 204, null, null);
        yield return new("GET", "append", "/304", 304, "?", null);
        yield return new("GET", "append", "/304-8", 304, "?", null);
        yield return new("GET", "whole", "/304-8", 304, "8", null);
        yield return new("GET", "append", "/205", 205, "0", null);
        yield return new("GET", "", "/205-body", 205, "0", null);
        yield return new("GET", "whole", "/205-body", 205, "0", null);
        yield return new("GET", "status 200", "/304-8", 200, "0", null);
        yield return new("GET", "whole-status 200, append", "/204", 200, "?", "+more");
        yield return new("GET", "whole-status 200", "/304-8", 200, "0", null);
        foreach (string method in new[] { "GET", "HEAD" })
        {
            foreach (string way in new[] { "reply", "streamed" })
            {
                yield return new(method, $"{way} 204", "/length", 204, null, null);
                yield return new(method, $"{way} 205", "/length", 205, "?", null);
                yield return new(method, $"{way} 304", "/length", 304, "?", null);
            }
        }

        yield return new("GET", "reply 204, append", "/length", 204, null, null);
        yield return new("HEAD", "streamed 200", "/length", 200, null, null);
        foreach (string way in new[] { "status", "whole-status" })
        {
            foreach (string body in new[] { "/length", "/chunked", "/trailers" })
            {
                yield return new("GET", $"{way} 204", body, 204, null, null);
                yield return new("GET", $"{way} 205", body, 205, "0", null);
                yield return new("GET", $"{way} 304", body, 304, "?", null);
            }
        }

        yield return new("GET", "whole-status 204, append", "/length", 204, null, null);
    }

    private static IEnumerable<BoundaryCase> OfLengths()
    {
        foreach (string body in new[] { "/length", "/chunked" })
        {
            yield return new("GET", "length 5", body, 0, null, null);
            yield return new("GET", "length 12", body, 0, null, null);
            yield return new("GET", "length 0", body, 0, null, null);
            yield return new("GET", "length 8", body, 200, "8", "12345678");
            yield return new("GET", "length 5, append", body, 200, "13", "12345678+more");
            yield return new("GET", "whole-length 5", body, 200, "8", "12345678");
            yield return new("GET", "whole-length 12, append", body, 200, "13", "12345678+more");
        }

        yield return new("GET", "length 5", "/trailers", 0, null, null);
        yield return new("GET", "length 12", "/trailers", 0, null, null);
        yield return new("GET", "length 5", "/empty", 200, "0", null);
        yield return new("GET", "length 5", "/204", 204, null, null);
        yield return new("GET", "length 5", "/205", 205, "0", null);
        yield return new("GET", "length 5", "/304", 304, "5", null);
        yield return new("HEAD", "length 5", "/length", 200, "5", null);
        yield return new("HEAD", "whole-length 13, append", "/length", 200, "13", null);
        yield return new("GET", "length 5, status 204", "/length", 204, null, null);
        yield return new("GET", "length 5, status 205", "/chunked", 205, "0", null);
    }

    private static IEnumerable<BoundaryCase> OfRequests()
    {
        foreach (string body in new[] { "12345678", "*12345678" })
        {
            yield return new("POST", "request-length 5", "/length", 0, null, null, body);
            yield return new("POST", "request-length 12", "/length", 0, null, null, body);
            yield return new("POST", "request-length 0", "/length", 0, null, null, body);
            yield return new("POST", "request-length 8", "/length", 200, "8", "12345678", body);
        }

        yield return new("POST", "request-length 5", "/length", 200, "8", "12345678");
        yield return new("GET", "request-length 5", "/length", 200, "8", "12345678");
    }
}
