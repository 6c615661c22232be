using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>A response: what an upstream or a cluster of a test answers, and what the client got. Not for several threads at a time.</summary>
public sealed class TestResponse
{
    private readonly List<KeyValuePair<string, string>> _headers = [];
    private readonly List<KeyValuePair<string, string>> _trailers = [];
    private readonly List<byte[]> _pieces = [];

    /// <param name="status">The status.</param>
    /// <param name="pieces">The body as text, in the pieces in which it comes.</param>
    public TestResponse(int status, params ReadOnlySpan<string> pieces)
    {
        Status = status;
        _ = WithBody(pieces);
    }

    /// <summary>The status.</summary>
    public int Status { get; }

    /// <summary>Does the body come without its length announced? Default false: a body without trailers has a <c>content-length</c>.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Header fields in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>Trailers in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Trailers => _trailers;

    /// <summary>The body, in the pieces in which it came.</summary>
    public IReadOnlyList<byte[]> Pieces => _pieces;

    /// <summary>The whole body.</summary>
    public byte[] BodyBytes => [.. _pieces.SelectMany(piece => piece)];

    /// <summary>The whole body, read as UTF-8.</summary>
    public string Body => Encoding.UTF8.GetString(BodyBytes);

    /// <summary>Adds a header. Returns the response itself.</summary>
    public TestResponse With(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        _headers.Add(new(name, value));
        return this;
    }

    /// <summary>Adds a trailer. Returns the response itself.</summary>
    public TestResponse WithTrailer(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        _trailers.Add(new(name, value));
        return this;
    }

    /// <summary>Adds pieces to the body, each as UTF-8. Returns the response itself.</summary>
    public TestResponse WithBody(params ReadOnlySpan<string> pieces)
    {
        foreach (string piece in pieces)
        {
            _pieces.Add(Encoding.UTF8.GetBytes(piece));
        }

        return this;
    }

    /// <summary>Adds one piece to the body. Returns the response itself.</summary>
    public TestResponse WithBytes(ReadOnlySpan<byte> piece)
    {
        _pieces.Add(piece.ToArray());
        return this;
    }

    /// <summary>The first header of that name, compared without case; null when there is none.</summary>
    public string? GetHeader(string name) => TestFields.Find(_headers, name);

    /// <inheritdoc/>
    public override string ToString() => $"{Status} {Body}";
}
