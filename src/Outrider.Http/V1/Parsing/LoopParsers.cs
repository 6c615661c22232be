using Outrider.Net.Loops;

namespace Outrider.Http.V1.Parsing;

/// <summary>
/// The parsers of heads, one of each kind for each loop, which its connections take turns with. Mostly a head comes at once: then the parser that reads it is the
/// one that read the last, and still in the processor's cache. Only a connection of whose head a part is here keeps the parser for itself, until the rest comes.
/// </summary>
internal static class LoopParsers
{
    private static readonly LoopLocal<RequestHeadParser> s_request = new();
    private static readonly LoopLocal<ResponseHeadParser> s_response = new();

    /// <summary>The loop's parser of requests. Whoever has more to read with it than this event brings must <see cref="Keep(EventLoop, RequestHeadParser)"/> it.</summary>
    internal static RequestHeadParser Request(EventLoop loop) => s_request.Get(loop) ?? Make(loop, s_request);

    /// <summary>The loop's parser of responses, as <see cref="Request"/>.</summary>
    internal static ResponseHeadParser Response(EventLoop loop) => s_response.Get(loop) ?? Make(loop, s_response);

    /// <summary>The head that is read with it is incomplete: others have another parser from here on, until it is given back.</summary>
    internal static void Keep(EventLoop loop, RequestHeadParser parser) => Keep(loop, s_request, parser);

    /// <inheritdoc cref="Keep(EventLoop, RequestHeadParser)"/>
    internal static void Keep(EventLoop loop, ResponseHeadParser parser) => Keep(loop, s_response, parser);

    /// <summary>Nothing more is read with one that was kept. It is the loop's; the one that took its place is left to the collector.</summary>
    internal static void GiveBack(EventLoop loop, RequestHeadParser parser) => s_request.Set(loop, parser);

    /// <inheritdoc cref="GiveBack(EventLoop, RequestHeadParser)"/>
    internal static void GiveBack(EventLoop loop, ResponseHeadParser parser) => s_response.Set(loop, parser);

    private static T Make<T>(EventLoop loop, LoopLocal<T> place)
        where T : HeadParser, new()
    {
        var parser = new T();
        place.Set(loop, parser);
        return parser;
    }

    private static void Keep<T>(EventLoop loop, LoopLocal<T> place, T parser)
        where T : HeadParser
    {
        if (place.Get(loop) == parser)
        {
            place.Set(loop, null);
        }
    }
}
