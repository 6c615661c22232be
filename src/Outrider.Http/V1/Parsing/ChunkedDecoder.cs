using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>
/// Takes the chunks off a body (RFC 9112 §7.1), a piece at a time: however the bytes are cut, the result is the same. Chunk
/// extensions are read, bounded and dropped. What comes after the last chunk is for <see cref="Trailers"/>.
/// </summary>
internal sealed class ChunkedDecoder
{
    // Zeros in front count as digits of a request; of a response they are passed over, as many as a line may have.
    private const int MaxZeros = 1024;

    // 16 hexadecimal digits would overflow; 15 hold a body of 2^60 bytes, which nobody waits for.
    private const int MaxDigits = 15;

    private State _state;
    private long _left;
    private int _digits, _zeros;
    private bool _lenient;
    private ChunkExtensions _extensions;
    private TrailerParser? _trailers;

    private enum State : byte
    {
        Size,
        AfterSize,
        Extension,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        Trailers,
    }

    internal ProtocolError Error { get; private set; } = FramingErrors.ChunkSize;

    /// <summary>Has the last chunk been read, so that trailers follow?</summary>
    internal bool AtTrailers => _state == State.Trailers;

    /// <summary>Reads what follows the last chunk.</summary>
    internal TrailerParser Trailers => _trailers ??= new();

    /// <summary>Makes ready for a body.</summary>
    /// <param name="lenient">
    /// Read what old and small servers write: white space behind the size and before <c>;</c> (RFC 9110 §5.6.3: it must be parsed),
    /// zeros in front of the size. For responses: of what ours says there is one reader, and nothing hangs on how another would
    /// read it. Two readers of one request are how requests are smuggled.
    /// </param>
    internal void Begin(bool lenient = false)
    {
        _state = State.Size;
        _left = 0;
        _digits = _zeros = 0;
        _lenient = lenient;
    }

    /// <summary>
    /// Takes what it can off the front of <paramref name="input"/>. <see cref="ParseStatus.Done"/> with data in
    /// <paramref name="data"/>: call again. Done without: the trailers begin. NeedMore: the input is used up.
    /// </summary>
    internal ParseStatus Read(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> data)
    {
        data = default;
        while (!input.IsEmpty)
        {
            if (_state == State.Data)
            {
                int count = (int)Math.Min(_left, input.Length);
                data = input[..count];
                input = input[count..];
                _left -= count;
                if (_left == 0)
                {
                    _state = State.DataCr;
                }

                return ParseStatus.Done;
            }

            if (_state == State.Trailers)
            {
                return ParseStatus.Done;
            }

            byte b = input[0];
            input = input[1..];
            if (!Step(b))
            {
                return ParseStatus.Error;
            }
        }

        return _state == State.Trailers ? ParseStatus.Done : ParseStatus.NeedMore;
    }

    private bool Step(byte b)
    {
        switch (_state)
        {
            case State.Size:
                return StepSize(b);
            case State.AfterSize:
                return b is (byte)' ' or (byte)'\t' ? ++_zeros <= MaxZeros || Fail(FramingErrors.ChunkSize) : StepSizeEnd(b);
            case State.Extension:
                return StepExtension(_extensions.Step(b, _lenient));
            case State.SizeLf:
                if (b != '\n')
                {
                    return Fail(FramingErrors.ChunkSize);
                }

                _state = _left == 0 ? State.Trailers : State.Data;
                _digits = _zeros = 0;
                return true;
            case State.DataCr:
                _state = State.DataLf;
                return b == '\r' || Fail(FramingErrors.ChunkEnd);
            default:
                _state = State.Size;
                _left = 0;
                return b == '\n' || Fail(FramingErrors.ChunkEnd);
        }
    }

    private bool StepSize(byte b)
    {
        int digit = b switch
        {
            >= (byte)'0' and <= (byte)'9' => b - '0',
            >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
            _ => -1,
        };
        if (_lenient && digit == 0 && _left == 0)
        {
            return ++_zeros <= MaxZeros || Fail(FramingErrors.ChunkSize);
        }

        if (digit >= 0)
        {
            if (++_digits > MaxDigits)
            {
                return Fail(FramingErrors.ChunkSize);
            }

            _left = (_left << 4) | (uint)digit;
            return true;
        }

        if (_digits == 0 && _zeros == 0)
        {
            return Fail(FramingErrors.ChunkSize);
        }

        if (_lenient && b is (byte)' ' or (byte)'\t')
        {
            _state = State.AfterSize;
            return true;
        }

        return StepSizeEnd(b);
    }

    private bool StepSizeEnd(byte b)
    {
        switch (b)
        {
            case (byte)'\r':
                _state = State.SizeLf;
                return true;
            case (byte)';':
                _state = State.Extension;
                _extensions = default;
                return true;
            default:
                // White space before the extension was "bad whitespace" once; today it is how sizes are read two ways.
                return Fail(FramingErrors.ChunkSize);
        }
    }

    private bool StepExtension(ParseStatus status)
    {
        if (status == ParseStatus.Done)
        {
            _state = State.SizeLf;
        }

        return status != ParseStatus.Error || Fail(FramingErrors.ChunkExtension);
    }

    private bool Fail(ProtocolError error)
    {
        Error = error;
        return false;
    }
}
