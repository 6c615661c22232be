using System.Buffers;
using Outrider.Http.Streams;
using Outrider.Http.V2.FlowControl;

namespace Outrider.Http.V2.Client;

/// <summary>One exchange on a client connection. On the connection's loop.</summary>
public sealed class Http2ClientStream
{
    private readonly Http2ClientConnection _connection;
    private byte[]? _waiting;
    private int _sent;
    private int _length;

    /// <summary>How much the peer takes of this stream.</summary>
    internal SendWindow SendWindow;

    /// <summary>How much more we take of it.</summary>
    internal ReceiveWindow ReceiveWindow = new();

    internal Http2ClientStream(Http2ClientConnection connection, int id, IResponseReceiver receiver, bool isHead, int sendWindow)
    {
        _connection = connection;
        Id = id;
        Receiver = receiver;
        IsHead = isHead;
        SendWindow = new(sendWindow);
    }

    /// <summary>Its number on the connection.</summary>
    public int Id { get; }

    internal IResponseReceiver Receiver { get; }

    /// <summary>Was HEAD asked, so that a length of the response is not that of what follows?</summary>
    internal bool IsHead { get; }

    /// <summary>Has the final head come?</summary>
    internal bool HasHead { get; set; }

    /// <summary>Bytes of the body so far.</summary>
    internal long Received { get; set; }

    /// <summary>Informational heads so far.</summary>
    internal byte Informational { get; set; }

    /// <summary>The part of the request's body that the windows have not let through yet.</summary>
    internal ReadOnlySpan<byte> Waiting => _waiting.AsSpan(_sent, _length - _sent);

    /// <summary>Ends the exchange: its receiver hears nothing any more, the peer learns that nobody wants it.</summary>
    public void Cancel() => _connection.Cancel(this, Http2Error.Cancel);

    /// <summary>
    /// Does what came agree with the response's content-length? RFC 9113 §8.1.1: a body that differs from it is malformed, but where
    /// there is none by definition.
    /// </summary>
    internal bool KeepsLength(bool end)
    {
        long length = Receiver.ResponseHead.ContentLength;
        return length < 0
            || Received == length
            || (end ? Received == 0 && (IsHead || Receiver.ResponseHead.Status == 304) : Received < length);
    }

    /// <summary>Copies the part of the body that has to wait.</summary>
    internal void Keep(ReadOnlySpan<byte> body)
    {
        _waiting = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(_waiting);
        _length = body.Length;
    }

    internal void Sent(int count)
    {
        _sent += count;
        if (_sent == _length)
        {
            Drop();
        }
    }

    internal void Drop()
    {
        if (_waiting is not null)
        {
            ArrayPool<byte>.Shared.Return(_waiting);
            _waiting = null;
            _sent = _length = 0;
        }
    }
}
