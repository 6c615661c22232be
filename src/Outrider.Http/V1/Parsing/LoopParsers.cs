namespace Outrider.Http.V1.Parsing;

/// <summary>
/// Parsers of heads that the connections of a thread take turns with. A connection has one only while a head of its is incomplete, and mostly a head comes
/// at once: so the one that reads it is the one that read the last, and still in the processor's cache, and a connection at rest pays for none.
/// </summary>
/// <remarks>One of each kind is kept for each thread; one that is given back beside it is left to the collector.</remarks>
internal static class LoopParsers
{
    [ThreadStatic]
    private static RequestHeadParser? t_request;

    [ThreadStatic]
    private static ResponseHeadParser? t_response;

    /// <summary>A parser of requests, to begin with.</summary>
    internal static RequestHeadParser TakeRequest()
    {
        var parser = t_request;
        t_request = null;
        return parser ?? new RequestHeadParser();
    }

    /// <summary>A parser of responses, to begin with.</summary>
    internal static ResponseHeadParser TakeResponse()
    {
        var parser = t_response;
        t_response = null;
        return parser ?? new ResponseHeadParser();
    }

    /// <summary>No more is read with it. Its <see cref="HeadParser.Error"/> may be asked for until the next of this thread's heads.</summary>
    internal static void GiveBack(RequestHeadParser parser) => t_request = parser;

    /// <inheritdoc cref="GiveBack(RequestHeadParser)"/>
    internal static void GiveBack(ResponseHeadParser parser) => t_response = parser;
}
