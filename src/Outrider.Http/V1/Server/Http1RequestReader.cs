namespace Outrider.Http.V1;

/// <summary>Where a server connection is in its request: what lives as long as a stream, kept with the stream so that a connection at rest does not carry it.</summary>
internal sealed class Http1RequestReader
{
    internal readonly RequestHeadParser Head = new();
    internal RequestPhase Phase;

    // What the client sent and asked, whatever filters make of the head afterwards (RFC 9112 §6.3).
    internal bool IsChunked;
    internal bool IsHead;
    internal long BodyLeft;
    internal long BodyRead;
    internal long ResponseLeft;
    internal long ResponseBytes;
    internal long ResponseBytesAtShutdown;
    private ChunkedDecoder? _chunks;
    private TrailerParser? _trailers;

    internal ChunkedDecoder Chunks => _chunks ??= new();

    internal TrailerParser Trailers => _trailers ??= new();

    internal void Begin(RequestHead head, HttpLimits limits)
    {
        Head.Begin(head, limits);
        Phase = RequestPhase.Head;
        IsChunked = IsHead = false;
        BodyLeft = BodyRead = ResponseBytes = 0;
        ResponseLeft = -1;
        ResponseBytesAtShutdown = -1;
    }
}

/// <summary>The part of a request that is being read.</summary>
internal enum RequestPhase : byte
{
    Head,
    Body,
    Trailers,
    Complete,
    Tunnel,
    Failed,
}
