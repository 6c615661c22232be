using System.Net;
using System.Text;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Http.V1;
using Outrider.Http.V2.Client;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;

namespace Outrider.Tests.Http.V2;

/// <summary>A client connection on a loop, for tests that run elsewhere.</summary>
internal sealed class Http2Client(EventLoop loop) : IHttp2ClientOwner
{
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _rooms = new(0);

    internal Http2ClientConnection Connection { get; private set; } = null!;

    /// <summary>What ended the connection.</summary>
    internal Task<string> Closed => _closed.Task.WaitAsync(TimeSpan.FromSeconds(20));

    internal bool HasGoneAway { get; private set; }

    internal async Task ConnectAsync(EndPoint endPoint, HttpLimits? limits = null)
    {
        await loop.InvokeAsync(() => Connection = new Http2ClientConnection(loop, this, endPoint, limits ?? new HttpLimits(), 20_000));
        await _connected.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    internal async Task<Http2ClientStream> SendAsync(IResponseReceiver receiver, string target = "/", byte[]? body = null, string? method = null)
    {
        Http2ClientStream? stream = null;
        while (stream is null)
        {
            await loop.InvokeAsync(() => stream = Connection.HasRoom ? Send(receiver, method ?? (body is null ? "GET" : "POST"), target, body) : null);
            if (stream is null)
            {
                Assert.True(await _rooms.WaitAsync(TimeSpan.FromSeconds(20)), "no room for another stream");
            }
        }

        return stream;
    }

    internal Task OnLoopAsync(Action action) => loop.InvokeAsync(action);

    public void OnConnected(Http2ClientConnection connection) => _connected.SetResult();

    public void OnRoom(Http2ClientConnection connection) => _rooms.Release();

    public void OnGoAway(Http2ClientConnection connection) => HasGoneAway = true;

    public void OnClosed(Http2ClientConnection connection, int error, string reason)
    {
        _ = _closed.TrySetResult(reason);
        _ = _connected.TrySetException(new IOException(reason + SocketErrors.Describe(error)));
    }

    private Http2ClientStream Send(IResponseReceiver receiver, string method, string target, byte[]? body)
    {
        var head = new RequestHead();
        head.Clear();
        head.SetMethod(Encoding.Latin1.GetBytes(method));
        head.SetTarget(Encoding.Latin1.GetBytes(target));
        head.SetAuthority("test"u8);
        return Connection.Send(receiver, head, isHttps: false, body);
    }
}
