using Outrider.Filters;
using Outrider.Proxy.Streams.Paths;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Replies;

/// <summary>
/// An answer that a filter gives piece by piece, in the place of an upstream's: each piece passes the sender filters and goes to
/// the client, or waits while a filter is still at work on the one before. Lives, and is used again, with its stream; on its loop.
/// </summary>
internal sealed class ReplyPieces(StreamRecord record, ResponsePath response, StreamDeadline deadline, IReplyOwner owner)
{
    // Bytes that may wait for the client before whoever makes more is told to wait: what conn_buffer_limit_bytes is by default.
    private const int BufferLimit = 32 * 1024;

    // What came while a sender filter was at work.
    private BodyHold _held = new();
    private BodyHold _passing = new();
    private bool _heldEnd, _heldTrailers;

    /// <summary>Has it begun, and can more of it be sent?</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>The filter that makes it.</summary>
    internal string? Filter { get; private set; }

    /// <summary>Told whenever more can be taken, after there was a time when it could not.</summary>
    internal Action? Ready { get; set; }

    /// <summary>May more be sent, or has the client, or a filter, enough to do?</summary>
    internal bool CanTake => !IsHeldUp && record.Client.Connection.PendingOutput < BufferLimit;

    /// <summary>Is the client, or a filter, what has to be waited for? Otherwise the next turn of the loop may take what waits.</summary>
    internal bool IsHeldUp => response.Walk.IsWaiting || !_held.IsEmpty || record.Client.Connection.IsWriteBlocked;

    /// <summary>Sends the head, which is in the stream's response.</summary>
    /// <param name="filter">The filter that answers.</param>
    /// <param name="endStream">Nothing follows.</param>
    internal void Begin(string filter, bool endStream)
    {
        Filter = filter;
        IsOpen = !endStream;
        Await();
        response.BeginReply(endStream);
    }

    /// <summary>Sends a piece of the body. After the end, or when another answer has taken its place, it is dropped.</summary>
    internal void Send(ReadOnlySpan<byte> data, bool endStream)
    {
        if (!IsOpen)
        {
            return;
        }

        if (IsClientTooFarBehind())
        {
            owner.Terminate($"the filter '{Filter}' sends more than the client takes");
            return;
        }

        IsOpen = !endStream;
        Await();
        if (!response.Walk.IsWaiting && _held.IsEmpty)
        {
            response.OnData(data, endStream);
            return;
        }

        _held.Append(data);
        _heldEnd = endStream;
        if (_held.Length > record.Services.MaxBufferedBody)
        {
            owner.Terminate($"the filter '{Filter}' sends more than the filters behind it take");
        }
    }

    /// <summary>Sends the trailers, which are in the stream's and end it.</summary>
    internal void SendTrailers()
    {
        if (!IsOpen)
        {
            return;
        }

        IsOpen = false;
        Await();
        if (response.Walk.IsWaiting || !_held.IsEmpty)
        {
            _heldTrailers = true;
        }
        else
        {
            response.OnTrailers();
        }
    }

    /// <summary>No filter is waited for any more, and the client takes what it is sent.</summary>
    internal void Resume()
    {
        if (!_held.IsEmpty || _heldEnd)
        {
            (_held, _passing) = (_passing, _held);
            bool end = _heldEnd;
            _heldEnd = false;
            response.OnData(_passing.Span, end);
            _passing.Release();
        }

        if (_heldTrailers && !response.Walk.IsWaiting)
        {
            _heldTrailers = false;
            response.OnTrailers();
        }

        if (IsOpen && CanTake)
        {
            Await();
            Ready?.Invoke();
        }
    }

    /// <summary>The client takes no more for now: its own deadline is what counts.</summary>
    internal void OnClientBlocked()
    {
        if (IsOpen && !response.Walk.IsWaiting)
        {
            deadline.Stop();
        }
    }

    /// <summary>Another answer takes its place, or there is nobody left to answer.</summary>
    internal void Drop()
    {
        IsOpen = _heldEnd = _heldTrailers = false;
        _held.Release();
        Ready?.Invoke();
    }

    /// <summary>Makes ready for the next stream.</summary>
    internal void Reset()
    {
        Ready = null;
        Filter = null;
        Drop();
    }

    // For whoever does not ask CanTake (a module may send whenever it likes).
    private bool IsClientTooFarBehind()
    {
        if (record.Client.Connection.PendingOutput <= record.Services.MaxBufferedBody)
        {
            return false;
        }

        // Written within the event at hand: the kernel was not asked yet.
        record.Client.Connection.SendNow();
        return record.Client.Connection.PendingOutput > record.Services.MaxBufferedBody;
    }

    // The pieces are the filter's to send, and the next one has to come in time.
    private void Await()
    {
        if (IsOpen && !record.Client.Connection.IsWriteBlocked)
        {
            deadline.Set(DeadlineKind.Filter, record.Services.FilterTimeout);
        }
    }
}
