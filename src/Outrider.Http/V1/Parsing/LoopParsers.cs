using Outrider.Net.Loops;

namespace Outrider.Http.V1.Parsing;

/// <summary>
/// The parsers of heads of one kind, one for each loop, which its connections take turns with. Mostly a head comes at once: then the parser that reads it is the
/// one that read the last, and still in the processor's cache. Only a connection of whose head a part is here keeps the parser for itself, until the rest comes.
/// </summary>
/// <typeparam name="T">The kind.</typeparam>
internal sealed class LoopParsers<T>
    where T : HeadParser, new()
{
    private readonly LoopLocal<T> _parser = new();

    /// <summary>The loop's parser. Whoever has more to read with it than this event brings must <see cref="Keep"/> it.</summary>
    internal T Get(EventLoop loop) => _parser.Get(loop) ?? Make(loop);

    /// <summary>The head that is read with it is incomplete: others have another parser from here on, until it is given back.</summary>
    internal void Keep(EventLoop loop, T parser)
    {
        if (_parser.Get(loop) == parser)
        {
            _parser.Set(loop, null);
        }
    }

    /// <summary>Nothing more is read with one that was kept. It is the loop's; the one that took its place is left to the collector.</summary>
    internal void GiveBack(EventLoop loop, T parser) => _parser.Set(loop, parser);

    private T Make(EventLoop loop)
    {
        var parser = new T();
        _parser.Set(loop, parser);
        return parser;
    }
}
