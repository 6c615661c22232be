using Outrider.Http.Streams;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Sending;

/// <summary>
/// Sends the bodies of a connection's messages: at once while the windows and the kernel take them, otherwise one frame of each
/// stream in turn, so that a small message waits for one frame of the others and not for the whole of them. A part of its
/// connection.
/// </summary>
internal sealed class StreamSender(Transport transport, MultiplexCounts counts)
{
    // What may wait in the connection's own queue, behind which everything else has to wait: four frames.
    private const int MaxAhead = 64 * 1024;

    private SendWindow _window = new(SendWindow.Default);

    // The last of the ring of streams that have something to send and a window for it; its NextToSend is the first.
    private SendingStream? _last;

    /// <summary>The connection's transport.</summary>
    internal Transport Transport => transport;

    /// <summary>Where the connection's streams, and what ends them, count.</summary>
    internal MultiplexCounts Counts => counts;

    /// <summary>The peer takes more of all streams together.</summary>
    /// <exception cref="Http2Exception">A window cannot grow by that.</exception>
    internal void Grow(int more)
    {
        var wrong = _window.Grow(more);
        if (wrong != Http2Error.None)
        {
            throw new Http2Exception(wrong, more == 0 ? "a window that grows by nothing" : "a window larger than there is");
        }

        Pump();
    }

    /// <summary>The peer takes more of a stream. <see cref="Http2Error.None"/>, or what it did wrong: nothing is sent then.</summary>
    internal Http2Error Grow(SendingStream stream, int more)
    {
        var wrong = stream.Out.Window.Grow(more);
        if (wrong == Http2Error.None)
        {
            Queue(stream);
            Pump();
        }

        return wrong;
    }

    /// <summary>What the peer takes of a stream that begins counts for one that has begun (RFC 9113 §6.9.2). <see cref="Pump"/> when all are told.</summary>
    /// <exception cref="Http2Exception">Its window cannot be that large.</exception>
    internal void Resize(SendingStream stream, int difference)
    {
        if (!stream.Out.Window.Resize(difference))
        {
            throw new Http2Exception(Http2Error.FlowControl, "a window larger than there is");
        }

        Queue(stream);
    }

    /// <summary>Sends what can be sent of a stream's data now; the rest waits with the stream.</summary>
    internal void Send(SendingStream stream, ReadOnlySpan<byte> data, bool endStream)
    {
        if (!stream.Out.HasWaiting)
        {
            while (!data.IsEmpty && Room(stream) is > 0 and var room && !IsFull())
            {
                int count = Math.Min(Math.Min(data.Length, room), FrameHeader.DefaultMaxLength);
                WriteData(stream, data[..count], endStream && count == data.Length);
                data = data[count..];
                if (data.IsEmpty)
                {
                    return;
                }
            }

            if (data.IsEmpty && endStream)
            {
                WriteData(stream, default, endStream: true);
                return;
            }
        }

        if (!data.IsEmpty && !stream.Out.HasWaiting && Room(stream) <= 0)
        {
            CountShut();
        }

        if (stream.Out.IsEmpty)
        {
            stream.OnWaiting();
        }

        stream.Out.Wait(data, endStream);
        Queue(stream);
    }

    /// <summary>The stream may have something to send now, and takes its turn.</summary>
    internal void Queue(SendingStream stream)
    {
        if (stream.NextToSend is not null || !stream.Out.HasWaiting || (stream.Out.Length > 0 && stream.Out.Window.Left <= 0))
        {
            return;
        }

        stream.NextToSend = _last?.NextToSend ?? stream;
        if (_last is not null)
        {
            _last.NextToSend = stream;
        }

        _last = stream;
    }

    /// <summary>Sends a frame of each stream in turn, until the kernel takes no more, or the windows are used up, or nothing is left.</summary>
    internal void Pump()
    {
        while (_last is { } last && !IsFull())
        {
            var stream = last.NextToSend!;
            if (stream.Out.Length > 0 && _window.Left <= 0)
            {
                // Trailers and ends of others could go, but theirs is a moment; the order stays.
                return;
            }

            Unlink(stream, last);
            int count = (int)Math.Min(Math.Min(stream.Out.Length, FrameHeader.DefaultMaxLength), Math.Min(_window.Left, stream.Out.Window.Left));
            if (stream.Out.Length > 0)
            {
                if (count <= 0)
                {
                    continue;
                }

                WriteData(stream, stream.Out.Waiting[..count], stream.Out.EndsWith(count));
                stream.Out.Take(count);
                stream.OnSent();
            }
            else
            {
                WriteEnd(stream);
            }

            if (stream.Out.HasWaiting)
            {
                if (stream.Out.Length > 0 && Room(stream) <= 0)
                {
                    CountShut();
                }

                Queue(stream);
            }
            else
            {
                stream.OnAllSent();
            }
        }
    }

    /// <summary>The stream is gone, and what it would have sent.</summary>
    internal void Remove(SendingStream stream)
    {
        if (stream.NextToSend is null)
        {
            return;
        }

        var before = _last!;
        while (before.NextToSend != stream)
        {
            before = before.NextToSend!;
        }

        Unlink(stream, before);
    }

    /// <summary>Writes one frame, whose size fits the windows.</summary>
    internal void WriteData(SendingStream stream, ReadOnlySpan<byte> data, bool endStream)
    {
        FrameWriter.Write(transport, FrameType.Data, endStream ? FrameFlags.EndStream : FrameFlags.None, stream.Id, data);
        _window.Use(data.Length);
        stream.Out.Window.Use(data.Length);
        stream.OnWroteData(data.Length, shut: Room(stream) <= 0);
        if (endStream)
        {
            stream.Out.MarkEnded();
            stream.OnWroteEnd();
        }
    }

    /// <summary>Sends the end of a message: its trailers, or an end alone. Nothing of its data may wait.</summary>
    internal void WriteEnd(SendingStream stream)
    {
        if (!stream.Out.HasTrailers)
        {
            WriteData(stream, default, endStream: true);
            return;
        }

        FrameWriter.WriteBlock(transport, stream.Id, stream.Out.Trailers, endStream: true);
        stream.Out.DropTrailers();
        stream.Out.MarkEnded();
        stream.OnWroteEnd();
    }

    private void CountShut() => counts.OnWindowShut(isConnections: _window.Left <= 0);

    private int Room(SendingStream stream) => (int)Math.Min(_window.Left, stream.Out.Window.Left);

    // Before more is put behind them the kernel is asked to take those that wait.
    private bool IsFull()
    {
        if (transport.IsWriteBlocked || transport.IsClosed)
        {
            return true;
        }

        if (transport.PendingOutput < MaxAhead)
        {
            return false;
        }

        transport.SendNow();
        return transport.IsWriteBlocked;
    }

    private void Unlink(SendingStream stream, SendingStream before)
    {
        if (before == stream)
        {
            _last = null;
        }
        else
        {
            before.NextToSend = stream.NextToSend;
            if (_last == stream)
            {
                _last = before;
            }
        }

        stream.NextToSend = null;
    }
}
