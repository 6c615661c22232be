using Outrider.Filters;

namespace Outrider.Http.V1.Parsing;

/// <summary>
/// Reads the extensions of one chunk (RFC 9112 §7.1.1), a byte at a time, to know that they are what they should be and where they
/// end. Nothing of them is kept: they are for the next hop only, and nobody has ever needed one.
/// </summary>
internal struct ChunkExtensions
{
    // Per chunk; nothing that anybody uses is longer, and without a bound extensions are a way to make a proxy work for nothing.
    private const int MaxBytes = 1024;

    private State _state;
    private int _count;

    private enum State : byte
    {
        BeforeName,
        Name,
        AfterName,
        BeforeValue,
        Token,
        Quoted,
        Escaped,
        AfterQuoted,
        AfterValue,
    }

    /// <summary>Takes the next byte after the semicolon. Done: it was the CR that ends the line.</summary>
    /// <param name="b">The byte.</param>
    /// <param name="lenient">May white space, or a semicolon with nothing behind it, end the line?</param>
    internal ParseStatus Step(byte b, bool lenient)
    {
        if (++_count > MaxBytes)
        {
            return ParseStatus.Error;
        }

        if (b == '\r')
        {
            return _state is State.Name or State.Token or State.AfterQuoted || (lenient && _state is State.BeforeName or State.AfterName or State.AfterValue)
                ? ParseStatus.Done
                : ParseStatus.Error;
        }

        State? next = _state switch
        {
            State.BeforeName => IsSpace(b) ? State.BeforeName : IsToken(b) ? State.Name : null,
            State.Name => IsToken(b) ? State.Name : AfterName(b),
            State.AfterName => AfterName(b),
            State.BeforeValue => IsSpace(b) ? State.BeforeValue : b == '"' ? State.Quoted : IsToken(b) ? State.Token : null,
            State.Token => IsToken(b) ? State.Token : AfterValue(b),
            State.Quoted => b == '"' ? State.AfterQuoted : b == '\\' ? State.Escaped : IsText(b) ? State.Quoted : null,
            State.Escaped => IsText(b) ? State.Quoted : null,
            _ => AfterValue(b),
        };
        _state = next ?? _state;
        return next is null ? ParseStatus.Error : ParseStatus.NeedMore;
    }

    private static State? AfterName(byte b) => b == '=' ? State.BeforeValue : b == ';' ? State.BeforeName : IsSpace(b) ? State.AfterName : null;

    private static State? AfterValue(byte b) => b == ';' ? State.BeforeName : IsSpace(b) ? State.AfterValue : null;

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t';

    private static bool IsToken(byte b) => HeaderSyntax.IsToken([b]);

    private static bool IsText(byte b) => HeaderSyntax.IsValue([b]);
}
