using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>What requests and responses of a test have in common: fields, trailers, and a body in pieces. Not for several threads at a time.</summary>
/// <typeparam name="TSelf">The message itself.</typeparam>
public abstract class TestMessage<TSelf>
    where TSelf : TestMessage<TSelf>
{
    private readonly List<KeyValuePair<string, string>> _headers = [];
    private readonly List<KeyValuePair<string, string>> _trailers = [];
    private readonly List<byte[]> _pieces = [];

    private protected TestMessage()
    {
    }

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

    /// <summary>Adds a header. Returns the message itself.</summary>
    public TSelf With(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        _headers.Add(new(name, value));
        return (TSelf)this;
    }

    /// <summary>Adds a trailer. Returns the message itself.</summary>
    public TSelf WithTrailer(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        _trailers.Add(new(name, value));
        return (TSelf)this;
    }

    /// <summary>Adds pieces to the body, each as UTF-8. Filters see each as a piece. Returns the message itself.</summary>
    public TSelf WithBody(params ReadOnlySpan<string> pieces)
    {
        foreach (string piece in pieces)
        {
            _pieces.Add(Encoding.UTF8.GetBytes(piece));
        }

        return (TSelf)this;
    }

    /// <summary>Adds one piece to the body. Returns the message itself.</summary>
    public TSelf WithBytes(ReadOnlySpan<byte> piece)
    {
        _pieces.Add(piece.ToArray());
        return (TSelf)this;
    }

    /// <summary>The first header of that name, compared without case; null when there is none.</summary>
    public string? GetHeader(string name) => TestFields.Find(_headers, name);
}
