using System.Buffers;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Tests.Rpc;

/// <summary>What both ends of a connection do alike: frames out of bytes, messages by their ids, and a heartbeat when nothing has come for a while.</summary>
internal abstract class RpcConnection(Transport transport, int interval) : TransportHandler
{
    private readonly ArrayBufferWriter<byte> _partial = new(), _beat = new();
    private bool _pinged;

    public Transport Transport { get; } = transport;

    protected Dictionary<uint, RpcMessage> Messages { get; } = [];

    protected bool IsDraining { get; private set; }

    public override void OnConnected() => Transport.Arm(interval);

    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        _pinged = false;
        Transport.Arm(interval);
        _partial.Write(data);
        ReadOnlySpan<byte> rest = _partial.WrittenSpan.ToArray();
        _partial.ResetWrittenCount();
        while (RpcFrame.Length(rest) is not 0 and var size)
        {
            if (size < 0 || !OnFrame(new RpcFrame(rest[..size])))
            {
                Transport.Close();
                return data.Length;
            }

            rest = rest[size..];
        }

        _partial.Write(rest);
        return data.Length;
    }

    public override void OnTimer()
    {
        if (_pinged)
        {
            Transport.Close();
            return;
        }

        _pinged = true;
        Send(RpcFrame.Ping, 0);
        Transport.Arm(interval);
    }

    // Nothing more is asked of an end that takes no answers: what waits for it stays bounded.
    public override void OnWriteBlocked() => Transport.PauseReading();

    public override void OnWritten() => Transport.ResumeReading();

    public override void OnEndOfInput() => Transport.Close();

    public override void OnCut() => Transport.Close();

    public override void OnDrain()
    {
        IsDraining = true;
        CloseIfDone();
    }

    public override void OnClosed(int error) => Messages.Values.ToList().ForEach(message => message.OnLost(error));

    /// <summary>Sends a frame that is a kind and an id, and no more.</summary>
    internal void Send(byte kind, uint id)
    {
        RpcFrame.Begin(_beat, id, kind);
        Transport.Write(RpcFrame.End(_beat));
    }

    /// <summary>The message of that id is over.</summary>
    internal virtual void Forget(uint id)
    {
        _ = Messages.Remove(id);
        CloseIfDone();
    }

    /// <summary>False: it has no place here.</summary>
    private protected virtual bool OnFrame(RpcFrame frame)
    {
        if (frame.Kind == RpcFrame.Ping)
        {
            Send(RpcFrame.Pong, frame.Id);
        }

        return frame.Kind is RpcFrame.Ping or RpcFrame.Pong;
    }

    private void CloseIfDone()
    {
        if (IsDraining && Messages.Count == 0)
        {
            Transport.CloseWhenWritten(drain: false);
        }
    }
}
