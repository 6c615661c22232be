using Outrider.Filters;

namespace Outrider.Http.V1;

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
    public ProtocolError Error { get; private protected set; } = ProtocolError.RequestLine;

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
        while (true)
        {
            int end = input.IndexOf((byte)'\n');
            var piece = end < 0 ? input : input[..(end + 1)];
            if ((_hasStartLine && _block.Length - _lineStart + piece.Length > Limits.MaxStartLine + 2)
                || _block.Length - _headStart + piece.Length > Limits.MaxHeaderBytes + 2)
            {
                return FailTooLong(piece);
            }

            input = input[piece.Length..];
            if (end < 0)
            {
                return TakePartOfLine(piece);
            }

            _block.Store(piece);
            int start = _lineStart;
            int length = _block.Length - start - 2;
            _lineStart = _block.Length;
            if (length < 0 || _block.Slice(start + length, 1)[0] != '\r')
            {
                return FailLine(start, length + 1, ProtocolError.LineEnd);
            }

            if (_hasStartLine)
            {
                if (length == 0 && SkipEmptyLine())
                {
                    continue;
                }

                _hasStartLine = false;
                if (!ParseStartLine(start, length))
                {
                    return FailLine(start, length, Error);
                }
            }
            else if (length == 0)
            {
                return Finish() ? ParseStatus.Done : ParseStatus.Error;
            }
            else if (!ParseField(start, length))
            {
                return FailLine(start, length, Error);
            }
        }
    }

    private protected virtual ProtocolError StartLineTooLong => ProtocolError.StartLineTooLong;

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

    private ParseStatus TakePartOfLine(ReadOnlySpan<byte> piece)
    {
        // A CR is only ever the last byte before an LF: with more behind it there is no need to wait for the line's end.
        bool bare = !piece.IsEmpty && (EndsWithCr() || piece[..^1].Contains((byte)'\r'));
        _block.Store(piece);
        return bare ? Fail(ProtocolError.BareCr) : ParseStatus.NeedMore;
    }

    private bool EndsWithCr() => _block.Length > _lineStart && _block.Slice(_block.Length - 1, 1)[0] == '\r';

    // What is wrong does not depend on how the bytes were cut: as if they came one by one, the first fault counts.
    private ParseStatus FailTooLong(ReadOnlySpan<byte> piece)
    {
        int lineRoom = _hasStartLine ? Limits.MaxStartLine + 2 - (_block.Length - _lineStart) : int.MaxValue;
        int headRoom = Limits.MaxHeaderBytes + 2 - (_block.Length - _headStart);
        int room = Math.Min(lineRoom, headRoom);
        if (room > 0 && (EndsWithCr() || piece[..(room - 1)].Contains((byte)'\r')))
        {
            return Fail(ProtocolError.BareCr);
        }

        return Fail(lineRoom <= headRoom ? StartLineTooLong : ProtocolError.HeadTooLarge);
    }

    // A bare CR would have been found before the line's end, had the line come in pieces.
    private ParseStatus FailLine(int start, int length, ProtocolError error)
        => Fail(_block.Slice(start, Math.Max(0, length)).Contains((byte)'\r') ? ProtocolError.BareCr : error);

    private bool ParseField(int start, int length)
    {
        var line = _block.Slice(start, length);
        if (line[0] is (byte)' ' or (byte)'\t')
        {
            return Reject(ProtocolError.Folding);
        }

        int colon = line.IndexOf((byte)':');
        if (colon <= 0 || colon > ushort.MaxValue || !HeaderSyntax.IsToken(line[..colon]))
        {
            return Reject(ProtocolError.FieldName);
        }

        var value = line[(colon + 1)..];
        if (!HeaderSyntax.IsValue(value))
        {
            return Reject(ProtocolError.FieldValue);
        }

        int valueStart = start + colon + 1;
        while (!value.IsEmpty && value[0] is (byte)' ' or (byte)'\t')
        {
            value = value[1..];
            valueStart++;
        }

        while (!value.IsEmpty && value[^1] is (byte)' ' or (byte)'\t')
        {
            value = value[..^1];
        }

        if (_block.Count >= Limits.MaxHeaderCount)
        {
            return Reject(ProtocolError.TooManyFields);
        }

        var known = KnownHeaders.Identify(line[..colon]);
        _block.AddStored(start, colon, valueStart, value.Length, known);
        return OnField(_block.Count - 1, known);
    }
}
