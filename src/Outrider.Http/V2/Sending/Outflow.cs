using System.Buffers;
using Outrider.Http.V2.FlowControl;

namespace Outrider.Http.V2.Sending;

/// <summary>
/// What one stream has yet to send: data that had to wait for its windows, and behind it the end, with trailers or without; and how far the
/// message's end has come. A field of its stream, never copied.
/// </summary>
internal struct Outflow
{
    private WaitingBytes _waiting;
    private byte[]? _trailers;
    private int _trailersLength;

    /// <summary>A message begins.</summary>
    /// <param name="window">How much of it the peer takes before it says more.</param>
    internal Outflow(int window) => Window = new SendWindow(window);

    /// <summary>How much more the peer takes of the stream.</summary>
    internal SendWindow Window;

    /// <summary>Was the message's end given to us?</summary>
    internal bool EndIsAsked { get; private set; }

    /// <summary>Was it sent, or can none be?</summary>
    internal bool EndIsSent { get; private set; }

    /// <summary>Does no data wait?</summary>
    internal readonly bool IsEmpty => _waiting.IsEmpty;

    /// <summary>How much data waits.</summary>
    internal readonly int Length => _waiting.Length;

    /// <summary>The data that waits; good until it changes.</summary>
    internal readonly ReadOnlySpan<byte> Waiting => _waiting.Span;

    /// <summary>Is anything to be sent that had to wait, if only the end?</summary>
    internal readonly bool HasWaiting => !_waiting.IsEmpty || (EndIsAsked && !EndIsSent);

    /// <summary>Do trailers follow the data?</summary>
    internal readonly bool HasTrailers => _trailers is not null;

    /// <summary>The trailers as a header block; good until they are dropped.</summary>
    internal readonly ReadOnlySpan<byte> Trailers => _trailers.AsSpan(0, _trailersLength);

    /// <summary>Does the stream's end go with the last of so many waiting bytes?</summary>
    internal readonly bool EndsWith(int count) => count == _waiting.Length && EndIsAsked && _trailers is null;

    /// <summary>Keeps what cannot be sent now.</summary>
    internal void Wait(ReadOnlySpan<byte> data, bool endStream)
    {
        _waiting.Append(data);
        EndIsAsked |= endStream;
    }

    /// <summary>So much of what waited was sent.</summary>
    internal void Take(int count) => _waiting.Take(count);

    /// <summary>Ends the message with trailers, once the data is sent.</summary>
    /// <param name="block">A header block in an array of the shared pool, which is given away.</param>
    /// <param name="length">How much of the array it has.</param>
    internal void EndWithTrailers(byte[] block, int length)
    {
        _trailers = block;
        _trailersLength = length;
        EndIsAsked = true;
    }

    /// <summary>The end was sent, or none can be.</summary>
    internal void MarkEnded() => EndIsAsked = EndIsSent = true;

    /// <summary>Forgets the trailers.</summary>
    internal void DropTrailers()
    {
        if (_trailers is not null)
        {
            ArrayPool<byte>.Shared.Return(_trailers);
            _trailers = null;
        }
    }

    /// <summary>Forgets all that waits.</summary>
    internal void Drop()
    {
        _waiting.Drop();
        DropTrailers();
    }
}
