namespace Outrider.Filters;

/// <summary>
/// What may follow a response's head, and what the head may say of a length: by the status, and by whether the client asked with
/// HEAD (RFC 9110 §6.4.1, §8.6, §15.3.5, §15.3.6, §15.4.5). Every base asks here, so that no filter can make a message that the
/// client would read as two. For bases, not for filters.
/// </summary>
internal readonly record struct ResponseContent
{
    private readonly Kind _kind;

    private ResponseContent(Kind kind) => _kind = kind;

    private enum Kind : byte
    {
        Body,

        // HEAD and 304: no body, but the length that another answer would have.
        Foretold,

        // 205: no body, and the head says so.
        Empty,

        // 1xx and 204: neither a body nor a length.
        Nothing,
    }

    /// <summary>May a body follow the head?</summary>
    internal bool IsAllowed => _kind == Kind.Body;

    /// <summary>What holds for this status. What follows a 101 is no body but another protocol, and passes.</summary>
    /// <param name="status">The status, 100–599.</param>
    /// <param name="isHead">Did the client ask with HEAD, whatever filters have made of its request since?</param>
    internal static ResponseContent Of(int status, bool isHead) => new(status switch
    {
        101 => Kind.Body,
        204 or (>= 100 and < 200) => Kind.Nothing,
        205 => Kind.Empty,
        304 => Kind.Foretold,
        _ => isHead ? Kind.Foretold : Kind.Body,
    });

    /// <summary>The length that the head may announce; −1 for none.</summary>
    /// <param name="length">What came with the message, or what a filter set; −1 for none.</param>
    /// <param name="endStream">Is the message over with its head?</param>
    internal long Announce(long length, bool endStream) => _kind switch
    {
        Kind.Body => endStream ? 0 : length,
        Kind.Foretold => length,
        Kind.Empty => 0,
        _ => -1,
    };

    /// <summary>The length that the head of a message may announce that a filter has had whole; −1 for none.</summary>
    /// <param name="announced">What came with the message, or what a filter set; −1 for none.</param>
    /// <param name="isGiven">Did a filter set it?</param>
    /// <param name="cameWithBody">Did a body come with the message?</param>
    /// <param name="length">How long the filter has left the body.</param>
    internal long AnnounceWhole(long announced, bool isGiven, bool cameWithBody, int length) => _kind switch
    {
        Kind.Body => length,
        // A body that a filter made where none came, or took away because none may be: the length of another answer's is not known then.
        Kind.Foretold => isGiven || (length == 0 && !cameWithBody) ? announced : length > 0 && cameWithBody ? length : -1,
        Kind.Empty => 0,
        _ => -1,
    };
}
