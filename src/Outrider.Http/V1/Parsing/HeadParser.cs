using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>
/// Reads lines and fields into a <see cref="HeaderBlock"/>, a piece at a time: however the bytes are cut, the result is the
/// same. As strict as RFC 9112 §11 wants it, because what two servers read differently is how requests are smuggled.
/// </summary>
/// <remarks>Bytes go into the block line by line as they come, so an unfinished line needs no buffer of its own.</remarks>
public abstract class HeadParser
{
    private HeaderBlock _block = null!;
    private int _lineStart;
    private int _headStart;
    private bool _hasStartLine;

    /// <summary>What is wrong, after <see cref="ParseStatus.Error"/>.</summary>
    public ProtocolError Error { get; private protected set; } = HeadErrors.RequestLine;

    /// <summary>Has any byte of the head come?</summary>
    public bool HasBegun => _block is not null && _block.Length > _headStart;

    private protected HeaderBlock Block => _block;

    private protected HttpLimits Limits { get; private set; } = null!;

    private protected void Begin(HeaderBlock block, HttpLimits limits, bool hasStartLine)
    {
        _block = block;
        _headStart = _lineStart = block.Length;
        _hasStartLine = hasStartLine;
        Limits = limits;
    }

    /// <summary>Reads on. Takes what it used off the front of <paramref name="input"/>.</summary>
    public ParseStatus Parse(ref ReadOnlySpan<byte> input)
    {
        // Mostly the whole head, or what is left of it, is here at once: then it is one copy. Not where it is the empty line
        // that comes next, for what is behind that is not the head's.
        if (_block.Length == _lineStart
            && !input.IsEmpty
            && input[0] != '\r'
            && input.IndexOf("\r\n\r\n"u8) is >= 0 and var end
            && _lineStart - _headStart + end + 4 <= Limits.MaxHeaderBytes)
        {
            _block.Store(input[..(end + 4)]);
            input = input[(end + 4)..];
        }

        while (true)
        {
            var status = ParseLines();
            if (status != ParseStatus.NeedMore)
            {
                return status;
            }

            if (input.IsEmpty)
            {
                return ParseStatus.NeedMore;
            }

            int lf = input.IndexOf((byte)'\n');
            var piece = lf < 0 ? input : input[..(lf + 1)];
            int lineRoom = _hasStartLine ? Limits.MaxStartLine + 2 - (_block.Length - _lineStart) : int.MaxValue;
            int headRoom = Limits.MaxHeaderBytes + 2 - (_block.Length - _headStart);
            int room = Math.Min(lineRoom, headRoom);
            if (piece.Length > room)
            {
                // What is wrong does not depend on how the bytes were cut: as if they came one by one, the first fault counts.
                _block.Store(piece[..Math.Max(room, 0)]);
                status = ParseLines();
                return status == ParseStatus.NeedMore ? Fail(lineRoom <= headRoom ? StartLineTooLong : HeadErrors.HeadTooLarge) : status;
            }

            _block.Store(piece);
            input = input[piece.Length..];
        }
    }

    private protected virtual ProtocolError StartLineTooLong => HeadErrors.StartLineTooLong;

    /// <summary>An empty line before the start line: may it be passed over?</summary>
    private protected virtual bool SkipEmptyLine() => false;

    private protected abstract bool ParseStartLine(int start, int length);

    /// <summary>A field was added; false (with <see cref="Error"/> set) when it may not be there.</summary>
    private protected abstract bool OnField(int index, KnownHeader known);

    private protected abstract bool Finish();

    private protected ParseStatus Fail(ProtocolError error)
    {
        Error = error;
        return ParseStatus.Error;
    }

    private protected bool Reject(ProtocolError error)
    {
        Error = error;
        return false;
    }

    /// <summary>Reads the lines that are whole. NeedMore: the last one is not, so far as it goes nothing is wrong with it.</summary>
    private ParseStatus ParseLines()
    {
        while (_lineStart < _block.Length)
        {
            int start = _lineStart;
            var rest = _block.Slice(start, _block.Length - start);
            // Mostly the first byte that is not printable ends the line, which then needs no other look.
            int length = HeaderSyntax.IndexOfUnprintable(rest);
            bool isClean = length >= 0 && rest[length] == '\r';
            length = isClean ? length : rest.IndexOfAny((byte)'\r', (byte)'\n');
            if (length < 0 || (rest[length] == '\r' && length + 1 == rest.Length))
            {
                return ParseStatus.NeedMore;
            }

            if (_hasStartLine && length + (rest[length] == '\n' ? 1 : 2) > Limits.MaxStartLine + 2)
            {
                return Fail(StartLineTooLong);
            }

            if (rest[length] == '\n')
            {
                return Fail(HeadErrors.LineEnd);
            }

            if (rest[length + 1] != '\n')
            {
                return Fail(HeadErrors.BareCr);
            }

            _lineStart = start + length + 2;
            if (_hasStartLine)
            {
                if (length == 0 && SkipEmptyLine())
                {
                    continue;
                }

                _hasStartLine = false;
                if (!ParseStartLine(start, length))
                {
                    return ParseStatus.Error;
                }
            }
            else if (length == 0)
            {
                return Finish() ? ParseStatus.Done : ParseStatus.Error;
            }
            else if (!ParseField(start, length, isClean))
            {
                return ParseStatus.Error;
            }
        }

        return ParseStatus.NeedMore;
    }

    private bool ParseField(int start, int length, bool isClean)
    {
        // With what is behind the line: it ends in what is not of a token, and in much at once is searched faster than in little.
        var rest = _block.Slice(start, _block.Length - start);
        // The colon is the first byte that is not of a token, or the name is not one.
        int colon = HeaderSyntax.TokenLength(rest);
        if (colon == 0 || colon >= length || colon > ushort.MaxValue || rest[colon] != ':')
        {
            return Reject(rest[0] is (byte)' ' or (byte)'\t' ? HeadErrors.Folding : HeadErrors.FieldName);
        }

        int from = colon + 1, end = length;
        if (!isClean && !HeaderSyntax.IsValue(rest[from..end]))
        {
            return Reject(HeadErrors.FieldValue);
        }

        while (from < end && rest[from] is (byte)' ' or (byte)'\t')
        {
            from++;
        }

        while (end > from && rest[end - 1] is (byte)' ' or (byte)'\t')
        {
            end--;
        }

        if (_block.Count >= Limits.MaxHeaderCount)
        {
            return Reject(HeadErrors.TooManyFields);
        }

        var known = KnownHeaders.Identify(rest[..colon]);
        _block.AddStored(start, colon, start + from, end - from, known);
        return OnField(_block.Count - 1, known);
    }
}
