using System.Net.Security;

namespace Outrider.Net.Tls;

/// <content>The handshake. The client's begins when it is connected, the server's with the first byte, and that one has a deadline.</content>
internal sealed partial class TlsLayer
{
    // The type of the record that carries a ClientHello (RFC 8446 §5.1).
    private const byte HandshakeRecord = 22;

    private Task? _handshake;
    private bool _isResumed;

    /// <summary>The server's side is accepted.</summary>
    internal void Accepted() => Loop.Arm(this, _acceptor!.HandshakeTimeout);

    /// <summary>The client's side is connected: sends the first message.</summary>
    internal void Connect()
    {
        Open();
        _handshake = _stream!.AuthenticateAsClientAsync(_clientOptions!);
        Run();
    }

    /// <summary>The handshake takes too long.</summary>
    protected internal override void OnTimer()
    {
        if (_connection.IsClosed)
        {
            return;
        }

        Failure = _phase == Phase.Waiting ? "nothing came before the handshake's time was over" : "the handshake's time is over";
        _phase = Phase.Failed;
        _connection.Handler.OnTlsFailed(Failure);
        _connection.Close();
    }

    /// <summary>The server's side has received the first byte.</summary>
    private void Accept()
    {
        Open();
        _handshake = _stream!.AuthenticateAsServerAsync(
            static (_, hello, layer, _) => new(((TlsLayer)layer!)._acceptor!.Select(hello.ServerName)), this, CancellationToken.None);
    }

    private void Open()
    {
        _phase = Phase.Handshake;
        _pipe = new TlsPipe(this);
        _stream = new SslStream(_pipe, leaveInnerStreamOpen: true);
    }

    /// <summary>Goes on with the handshake. False: it needs more bytes.</summary>
    private bool FinishHandshake()
    {
        while (!_handshake!.IsCompleted)
        {
            if (!_pipe!.Wake())
            {
                if (!_pipe.IsReading && !_handshake.IsCompleted)
                {
                    WaitElsewhere();
                }

                return false;
            }
        }

        Loop.Remove(this);
        if (!_handshake.IsCompletedSuccessfully)
        {
            Fail(_handshake.Exception!.InnerException!);
            return false;
        }

        _handshake = null;
        _phase = Phase.Open;
        Info = new TlsInfo(_stream!, _isResumed);
        if (IsServer)
        {
            _connection.Handler.OnSecured();
        }
        else
        {
            _connection.Handler.OnConnected();
        }

        return true;
    }

    // Nothing in a handshake waits for anything but bytes, as far as we know. Should the runtime change its mind, the
    // connection stands still until the handshake goes on.
    private void WaitElsewhere()
    {
        _connection.PauseReading();
        _ = _handshake!.ContinueWith(
            static (_, layer) => ((TlsLayer)layer!).Loop.Post(static state => ((TlsLayer)state!).GoOn(), layer),
            this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void GoOn()
    {
        if (_phase == Phase.Handshake)
        {
            IsStopped = true;
            _connection.ResumeReading();
        }
    }
}
