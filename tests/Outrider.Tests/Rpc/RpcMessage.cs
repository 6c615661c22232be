using System.Buffers;
using Outrider.Http.Headers;
using Outrider.Net.Transports;

namespace Outrider.Tests.Rpc;

/// <summary>One call on one side, with its answer: what goes out is collected to one frame, what has come waits until it may be given on.</summary>
internal abstract class RpcMessage(RpcConnection connection, uint id, bool isOneWay)
{
    private byte[]? _body;
    private bool _paused;

    public Transport Transport => connection.Transport;

#pragma warning disable CA1822 // Derived types give it to their interfaces.
    public bool IsWriteBlocked => false;
#pragma warning restore CA1822

    public int PendingOutput => Out.WrittenCount;

    protected uint Id => id;

    protected bool IsOneWay => isOneWay;

    protected ArrayBufferWriter<byte> Out { get; } = new();

    protected bool IsOver { get; private set; }

    public void SendNow() => Transport.SendNow();

    public void SendTrailers(HeaderBlock trailers) => SendData(default, endStream: true);

    public abstract void SendData(ReadOnlySpan<byte> data, bool endStream);

    internal abstract void OnLost(int error);

    protected void Pause() => _paused = true;

    protected void Resume()
    {
        _paused = false;
        Transport.Loop.Post(static state => ((RpcMessage)state!).GiveBody(), this);
    }

    /// <summary>The head comes, then the body, if there is one, as soon as it may.</summary>
    protected void Give(ReadOnlySpan<byte> body)
    {
        _body = body.IsEmpty ? null : body.ToArray();
        OnHead(body.Length);
        GiveBody();
    }

    protected void End()
    {
        IsOver = true;
        connection.Forget(id);
    }

    protected abstract void OnHead(int bodyLength);

    protected abstract void OnBody(ReadOnlySpan<byte> body);

    private void GiveBody()
    {
        if (!_paused && !IsOver && _body is { } body)
        {
            _body = null;
            OnBody(body);
        }
    }
}
