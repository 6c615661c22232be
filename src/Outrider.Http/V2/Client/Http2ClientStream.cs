using System.Buffers;

namespace Outrider.Http.V2;

/// <summary>One exchange on a client connection. On the connection's loop.</summary>
public sealed class Http2ClientStream
{
    private readonly Http2ClientConnection _connection;
    private byte[]? _waiting;
    private int _sent;
    private int _length;

    internal Http2ClientStream(Http2ClientConnection connection, int id, IResponseReceiver receiver, bool isHead, int sendWindow, int receiveWindow)
    {
        _connection = connection;
        Id = id;
        Receiver = receiver;
        IsHead = isHead;
        SendWindow = sendWindow;
        ReceiveWindow = receiveWindow;
    }

    /// <summary>Its number on the connection.</summary>
    public int Id { get; }

    internal IResponseReceiver Receiver { get; }

    /// <summary>Was HEAD asked, so that a length of the response is not that of what follows?</summary>
    internal bool IsHead { get; }

    /// <summary>How much the peer takes of this stream; below zero when it changed its mind (RFC 9113 §6.9.2).</summary>
    internal long SendWindow { get; set; }

    /// <summary>How much more we take.</summary>
    internal int ReceiveWindow { get; set; }

    /// <summary>Has the final head come?</summary>
    internal bool HasHead { get; set; }

    /// <summary>Bytes of the body so far.</summary>
    internal long Received { get; set; }

    /// <summary>Informational heads so far.</summary>
    internal int Informational { get; set; }

    /// <summary>The part of the request's body that the windows have not let through yet.</summary>
    internal ReadOnlySpan<byte> Waiting => _waiting.AsSpan(_sent, _length - _sent);

    /// <summary>Ends the exchange: its receiver hears nothing any more, the peer learns that nobody wants it.</summary>
    public void Cancel() => _connection.Cancel(this, Http2Error.Cancel);

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
