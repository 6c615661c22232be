using Outrider.Http.Messages;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>Holds a request's body to the length that its head announces. A part of its exchange: no allocation.</summary>
internal struct DeclaredLength
{
    private long _declared;
    private long _sent;

    /// <summary>The request's head is final.</summary>
    internal void Begin(RequestHead request)
    {
        _declared = request.Framing == BodyFraming.Length ? request.ContentLength : -1;
        _sent = 0;
    }

    /// <summary>So much of the body goes out. False: that is more than was announced, or with <paramref name="isLast"/> less.</summary>
    internal bool Add(int length, bool isLast)
    {
        _sent += length;
        return _declared < 0 || (_sent <= _declared && (!isLast || _sent == _declared));
    }

    /// <summary>The codec has kept the client to its word, so this is a filter's doing.</summary>
    internal readonly InvalidOperationException Failure() => new(
        $"content-length says {_declared} bytes, a filter made them {(_sent > _declared ? "more" : "fewer")}; remove the header in DecodeHeadersAsync");
}
