namespace Outrider.Filters;

/// <summary>An answer that a filter makes itself. Immutable once given to the chain; one object may answer many streams.</summary>
public sealed class LocalReply
{
    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <param name="status">200–599.</param>
    /// <param name="body">The body as bytes; the caller does not change the array afterwards.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is not 200–599.</exception>
    public LocalReply(int status, ReadOnlyMemory<byte> body = default)
    {
        ValidateStatus(status);
        Status = status;
        Body = body;
    }

    /// <param name="status">200–599.</param>
    /// <param name="body">Text, sent as UTF-8 with <c>content-type: text/plain</c> unless <see cref="With"/> says otherwise.</param>
    public LocalReply(int status, string body) : this(status, System.Text.Encoding.UTF8.GetBytes(body)) => IsText = true;

    /// <summary>The status, 200–599.</summary>
    public int Status { get; }

    /// <summary>The body; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>True when the body was given as text.</summary>
    public bool IsText { get; }

    /// <summary>A short word on why, for logs (<c>response_code_details</c>); null when there is none.</summary>
    public string? Details { get; init; }

    /// <summary>What went wrong, for logs (<c>response_flags</c>) and <see cref="StreamContext.ResponseFlags"/>. In Envoy and nginx their codes are custom flags. Default: nothing.</summary>
    public ResponseFlags Flags { get; init; }

    /// <summary>The reply's headers in the order given. Framing headers are the base's to write.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>Adds a header. Returns the reply itself.</summary>
    /// <exception cref="ArgumentException">The name is not a token, the value has a control character or one above U+00FF, or the header is one of framing: <c>content-length</c>, or what <see cref="HeaderSyntax.IsConnections"/>.</exception>
    public LocalReply With(string name, string value)
    {
        ThrowIfForbidden(name, value);
        _headers.Add(new(name, value));
        return this;
    }

    internal static void ThrowIfForbidden(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        if (name.Equals("content-length", StringComparison.OrdinalIgnoreCase) || HeaderSyntax.IsConnections(System.Text.Encoding.Latin1.GetBytes(name)))
        {
            throw new ArgumentException($"'{name}' is written by the proxy, not by a reply", nameof(name));
        }
    }

    internal static void ValidateStatus(int status)
    {
        if (status is < 200 or > 599)
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "a reply's status is 200–599");
        }
    }
}
