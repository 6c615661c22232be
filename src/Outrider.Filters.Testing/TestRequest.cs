using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>A request: what a test sends through its filters, and what came out of them for the upstream or a cluster. Not for several threads at a time.</summary>
public sealed class TestRequest
{
    private readonly List<KeyValuePair<string, string>> _headers = [];
    private readonly List<KeyValuePair<string, string>> _trailers = [];
    private readonly List<byte[]> _pieces = [];

    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    public TestRequest(string method, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Method = method;
        Path = path;
    }

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>Path and query.</summary>
    public string Path { get; }

    /// <summary>What the client asks for as <c>host</c>. Default <c>localhost</c>.</summary>
    public string Authority { get; init; } = "localhost";

    /// <summary><c>http</c> or <c>https</c>. Default <c>http</c>.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>What the client speaks. Default <c>HTTP/1.1</c>.</summary>
    public string Protocol { get; init; } = "HTTP/1.1";

    /// <summary>The client's address and port. Default <c>127.0.0.1:50000</c>.</summary>
    public string RemoteAddress { get; init; } = "127.0.0.1:50000";

    /// <summary>Does the body come without its length announced? Default false: a body without trailers has a <c>content-length</c>.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Header fields in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>Trailers in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Trailers => _trailers;

    /// <summary>The body, in the pieces in which it comes.</summary>
    public IReadOnlyList<byte[]> Pieces => _pieces;

    /// <summary>The whole body.</summary>
    public byte[] BodyBytes => [.. _pieces.SelectMany(piece => piece)];

    /// <summary>The whole body, read as UTF-8.</summary>
    public string Body => Encoding.UTF8.GetString(BodyBytes);

    /// <summary>A GET.</summary>
    public static TestRequest Get(string path) => new("GET", path);

    /// <summary>A POST with this text as its body, in one piece.</summary>
    public static TestRequest Post(string path, string body) => new TestRequest("POST", path).WithBody(body);

    /// <summary>Adds a header. Returns the request itself.</summary>
    public TestRequest With(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        _headers.Add(new(name, value));
        return this;
    }

    /// <summary>Adds a trailer. Returns the request itself.</summary>
    public TestRequest WithTrailer(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        _trailers.Add(new(name, value));
        return this;
    }

    /// <summary>Adds pieces to the body, each as UTF-8. Filters see each as a piece. Returns the request itself.</summary>
    public TestRequest WithBody(params ReadOnlySpan<string> pieces)
    {
        foreach (string piece in pieces)
        {
            _pieces.Add(Encoding.UTF8.GetBytes(piece));
        }

        return this;
    }

    /// <summary>Adds one piece to the body. Returns the request itself.</summary>
    public TestRequest WithBytes(ReadOnlySpan<byte> piece)
    {
        _pieces.Add(piece.ToArray());
        return this;
    }

    /// <summary>The first header of that name, compared without case; null when there is none.</summary>
    public string? GetHeader(string name) => TestFields.Find(_headers, name);

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path}";
}
