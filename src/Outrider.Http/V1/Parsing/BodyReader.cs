using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>
/// Takes a message's body off what follows its head, by the framing that the peer announced, whatever a filter makes of the
/// head afterwards (RFC 9112 §6.3): so many bytes, chunks and trailers, or all until the connection closes.
/// </summary>
/// <remarks>A part of whoever reads: 24 bytes. The decoder of chunks is made when the first chunked body comes, and kept.</remarks>
internal struct BodyReader
{
    private ChunkedDecoder? _chunks;

    // Of a body with a length, what is left. Of chunks, what came.
    private long _count;
    private BodyFraming _framing;
    private bool _inTrailers;

    /// <summary>Takes chunks off; for whoever wants a look at them before <see cref="Begin"/>.</summary>
    internal ChunkedDecoder Chunks => _chunks ??= new();

    /// <summary>Does only the connection's end say where the body ends?</summary>
    internal readonly bool EndsWithConnection => _framing == BodyFraming.UntilClose;

    /// <summary>How much came in chunks: the size of a body that did not announce it.</summary>
    internal readonly long ChunkedLength => _framing == BodyFraming.Chunked ? _count : 0;

    /// <summary>What is wrong, after <see cref="BodyStep.Error"/>.</summary>
    internal readonly ProtocolError Error => _inTrailers ? _chunks!.Trailers.Error : _chunks!.Error;

    /// <summary>Makes ready for the body of a message that has one.</summary>
    /// <param name="head">The message's head.</param>
    /// <param name="lenient">How chunks are read (<see cref="ChunkedDecoder.Begin"/>).</param>
    internal void Begin(MessageHead head, bool lenient = false)
    {
        _framing = head.Framing;
        _inTrailers = false;
        if (_framing == BodyFraming.Chunked)
        {
            _count = 0;
            Chunks.Begin(lenient);
        }
        else
        {
            _count = head.ContentLength;
        }
    }

    /// <summary>Takes the next piece off the front of <paramref name="data"/>; there is one with <see cref="BodyStep.Piece"/> and <see cref="BodyStep.LastPiece"/>.</summary>
    internal BodyStep Read(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> piece)
    {
        switch (_framing)
        {
            case BodyFraming.Length:
                int count = (int)Math.Min(_count, data.Length);
                piece = data[..count];
                data = data[count..];
                _count -= count;
                return _count == 0 ? BodyStep.LastPiece : BodyStep.Piece;
            case BodyFraming.UntilClose:
                piece = data;
                data = default;
                return BodyStep.Piece;
            default:
                return _inTrailers ? ReadTrailers(ref data, out piece) : ReadChunk(ref data, out piece);
        }
    }

    /// <summary>After <see cref="BodyStep.LastChunk"/>: the trailers that follow go into <paramref name="block"/>.</summary>
    internal void BeginTrailers(HeaderBlock block, HttpLimits limits)
    {
        _inTrailers = true;
        Chunks.Trailers.Begin(block, limits);
    }

    private BodyStep ReadChunk(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> chunk)
    {
        switch (_chunks!.Read(ref data, out chunk))
        {
            case ParseStatus.Error:
                return BodyStep.Error;
            case ParseStatus.Done when !chunk.IsEmpty:
                _count += chunk.Length;
                return BodyStep.Piece;
            case ParseStatus.Done:
                return BodyStep.LastChunk;
            default:
                return BodyStep.NeedMore;
        }
    }

    private readonly BodyStep ReadTrailers(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> piece)
    {
        piece = default;
        return _chunks!.Trailers.Parse(ref data) switch
        {
            ParseStatus.Error => BodyStep.Error,
            ParseStatus.Done => BodyStep.TrailersEnd,
            _ => BodyStep.NeedMore,
        };
    }
}
