using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Server;

/// <summary>
/// One request and its response on a connection of HTTP/1: the client's side of its <see cref="ServerStream"/>, with which it stays, so that a connection
/// at rest does not pay for it. The request comes in by its <see cref="Http1RequestReader"/>; the response goes out here.
/// </summary>
internal sealed class Http1ServerStream : IDownstream
{
    private Http1ServerConnection _connection = null!;
    private ServerStream _stream = null!;
    private ResponseBody _body;
    private HalfCloseWatch _halfClose;
    private State _state;

    /// <summary>Makes one, for <see cref="ServerStream.CodecState"/>.</summary>
    public Http1ServerStream() => Reader = new Http1RequestReader(this);

    [Flags]
    private enum State : byte
    {
        /// <summary>The client allows another request, and so do we so far.</summary>
        KeepAlive = 1,

        Chunked = 2,
        ContinueSent = 4,
        Done = 8,
    }

    /// <summary>Reads its request.</summary>
    internal Http1RequestReader Reader { get; }

    /// <summary>The connection that it is on, or was last.</summary>
    internal Http1ServerConnection Connection => _connection;

    /// <summary>Whose client's side it is.</summary>
    internal ServerStream Stream => _stream;

    /// <inheritdoc/>
    public bool IsWriteBlocked => Transport.IsWriteBlocked;

    /// <inheritdoc/>
    public int PendingOutput => Transport.PendingOutput;

    private Transport Transport => _connection.Transport;

    // Its stream has let go of it, or never got as far as a head.
    private bool IsOver => _connection.Current != this;

    /// <summary>A request begins.</summary>
    internal void Begin(Http1ServerConnection connection, ServerStream stream)
    {
        _connection = connection;
        _stream = stream;
        _state = 0;
        _body.Await();
        _halfClose.Begin();
        stream.Attach(this, connection.Transport);
        Reader.Begin();
        stream.OnBegin();
    }

    /// <summary>The client allows another request after this one.</summary>
    internal void AllowNext() => _state |= State.KeepAlive;

    /// <summary>No other request follows this one: the rest of it cannot be read.</summary>
    internal void ForbidNext() => _state &= ~State.KeepAlive;

    /// <inheritdoc/>
    public void SendNow() => Transport.SendNow();

    /// <inheritdoc/>
    public void PauseRequest()
    {
        if (!IsOver)
        {
            Reader.Pause();
        }
    }

    /// <inheritdoc/>
    public void ResumeRequest()
    {
        if (!IsOver)
        {
            Reader.Resume();
        }
    }

    /// <inheritdoc/>
    public void SendInformational(ResponseHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (IsOver || _stream.Request.MinorVersion == 0 || _body.HasBegun)
        {
            return;
        }

        if (head.Status == 100)
        {
            SendContinue();
            return;
        }

        if (!InterimOutput.MayFollow(Transport))
        {
            return;
        }

        var writer = new HeadWriter(Transport);
        writer.WriteStatusLine(head.Status, head.Reason);
        writer.WriteFields(head.Fields);
        writer.Write("\r\n"u8);
        writer.End();
    }

    /// <inheritdoc/>
    public void SendContinue()
    {
        if (!IsOver && _stream.Request.ExpectsContinue && !Has(State.ContinueSent) && !_body.HasBegun)
        {
            _state |= State.ContinueSent;
            Transport.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
        }
    }

    /// <inheritdoc/>
    public void SendHead(ResponseHead head, bool endStream)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (IsOver)
        {
            return;
        }

        var writer = new HeadWriter(Transport);
        writer.WriteStatusLine(head.Status, head.Reason);
        writer.WriteFields(head.Fields);
        if (head.Status == 101)
        {
            writer.Write("connection: upgrade\r\n\r\n"u8);
            writer.End();
            _body.BeginTunnel();
            Reader.BeginTunnel();
            return;
        }

        int version = _stream.Request.MinorVersion;
        if (_body.Begin(head, _stream.AnswersHead, endStream) is >= 0 and var length)
        {
            writer.WriteContentLength(length);
        }
        else if (_body.IsOpen && version > 0)
        {
            _state |= State.Chunked;
            writer.Write("transfer-encoding: chunked\r\n"u8);
        }

        if (IsLast(version))
        {
            _state &= ~State.KeepAlive;
            writer.Write("connection: close\r\n\r\n"u8);
        }
        else if (version == 0)
        {
            writer.Write("connection: keep-alive\r\n\r\n"u8);
        }
        else
        {
            writer.Write("\r\n"u8);
        }

        writer.End();
        if (endStream)
        {
            _state |= State.Done;
        }
    }

    /// <inheritdoc/>
    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (IsOver || Has(State.Done))
        {
            return;
        }

        _halfClose.Sent(data.Length);
        if (Has(State.Chunked))
        {
            ChunkWriter.Write(Transport, data);
            if (endStream)
            {
                ChunkWriter.WriteEnd(Transport);
            }
        }
        else
        {
            if (!_body.Take(ref data))
            {
                // The rest would be read as the next response.
                _state &= ~State.KeepAlive;
            }

            Transport.Write(data);
        }

        if (Reader.Phase == RequestPhase.Tunnel)
        {
            if (endStream)
            {
                Transport.ShutdownWhenWritten();
            }
            else if (!Transport.IsWriteBlocked)
            {
                _connection.ArmIdle();
            }
        }
        else if (endStream)
        {
            if (_body.IsShort)
            {
                // Only the connection's end can say so.
                Reset();
                return;
            }

            _state |= State.Done;
        }
    }

    /// <inheritdoc/>
    public void SendTrailers(HeaderBlock trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        if (!Has(State.Chunked) || IsOver)
        {
            SendData(default, endStream: true);
            return;
        }

        ChunkWriter.WriteEnd(Transport, trailers);
        _state |= State.Done;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _state &= ~(State.KeepAlive | State.Done);
        if (!IsOver)
        {
            Reader.Phase = RequestPhase.Failed;
        }
    }

    /// <inheritdoc/>
    public void EndStream(ServerStream stream)
    {
        if (_stream == stream && !IsOver)
        {
            _connection.OnStreamEnded(Fate());
        }
    }

    /// <summary>The client sends no more, and the connection is not to be read now, or all of it has been.</summary>
    internal void OnPeerShutdown()
    {
        if (Reader.Phase == RequestPhase.Complete && !Transport.IsWriteBlocked)
        {
            _halfClose.Look();
            Transport.Arm(HalfCloseWatch.Grace);
        }
    }

    /// <summary>The client sends no more, and all of it has been read.</summary>
    internal void OnEndOfInput()
    {
        switch (Reader.Phase)
        {
            case RequestPhase.Tunnel:
                _stream.OnRequestData(default, endStream: true);
                break;
            case RequestPhase.Complete:
                OnPeerShutdown();
                break;
            default:
                _connection.Abandon(ResetReason.PeerClosed);
                break;
        }
    }

    /// <summary>The client takes nothing for now.</summary>
    internal void OnWriteBlocked()
    {
        Reader.OnWriteBlocked();
        _stream.OnResponseBlocked();
    }

    /// <summary>The client has taken everything.</summary>
    internal void OnWritten()
    {
        Reader.OnWritten();
        _stream.OnResponseWritten();
    }

    /// <summary>What the connection's timer was set for did not happen, and nothing waits for the client to take it.</summary>
    internal void OnTimer()
    {
        switch (Reader.Phase)
        {
            case RequestPhase.Complete when _halfClose.HasMoved:
                OnPeerShutdown();
                break;
            case RequestPhase.Complete:
                _connection.Abandon(ResetReason.PeerClosed);
                break;
            case RequestPhase.Tunnel:
                _connection.Abandon(ResetReason.ReceiveTimeout);
                break;
            default:
                Reader.OnTimer();
                break;
        }
    }

    /// <summary>The connection is closed, before the request and its response were over.</summary>
    internal void Abandon(ResetReason reason)
    {
        if (Reader.Phase != RequestPhase.Failed || !Has(State.Done))
        {
            Reader.Phase = RequestPhase.Failed;
            _state |= State.Done;
            _stream.OnRequestReset(reason, null);
        }
    }

    // HTTP/1.0 knows no chunks: the connection's end is the body's. And a request that is not all here could be taken for the next one.
    private bool IsLast(int version)
        => (_body.IsOpen && version == 0)
            || _connection.Handler.IsDraining
            || Reader.Phase != RequestPhase.Complete
            || !Has(State.KeepAlive)
            || _connection.Handler.TakesPlace();

    private ConnectionFate Fate()
    {
        if (Reader.Phase == RequestPhase.Tunnel)
        {
            return ConnectionFate.ShowsCut;
        }

        if (!Has(State.Done))
        {
            return !_body.HasBegun ? ConnectionFate.Drops
                : Has(State.Chunked) || _body.IsAnnounced ? ConnectionFate.ShowsCut
                : ConnectionFate.Resets;
        }

        return Reader.Phase != RequestPhase.Complete ? ConnectionFate.Drains
            : Has(State.KeepAlive) ? ConnectionFate.Rests
            : ConnectionFate.Closes;
    }

    private bool Has(State any) => (_state & any) != 0;
}
