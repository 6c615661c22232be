using System.Net;
using System.Text;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http;

/// <summary>A codec's connection to an upstream on a loop, for tests that run elsewhere.</summary>
/// <param name="loop">The loop.</param>
/// <param name="codec">The codec.</param>
internal sealed class CodecClient(EventLoop loop, IUpstreamCodec codec) : IUpstreamConnectingOwner
{
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _rooms = new(0);

    internal IUpstreamConnection Connection { get; private set; } = null!;

    /// <summary>What ended the connection.</summary>
    internal Task<string> Closed => _closed.Task.WaitAsync(Eventually.Patience);

    internal bool HasGoneAway { get; private set; }

    internal async Task ConnectAsync(EndPoint endPoint, HttpLimits? limits = null, UpstreamLimits? upstream = null)
    {
        upstream = (upstream ?? new UpstreamLimits()) with { Message = limits ?? new HttpLimits() };
        await loop.InvokeAsync(() => _ = new UpstreamConnecting(loop, endPoint, codec, this, upstream, 20_000));
        await _connected.Task.WaitAsync(Eventually.Patience);
    }

    internal async Task<IExchange> SendAsync(IResponseReceiver receiver, string target = "/", byte[]? body = null, string? method = null)
    {
        IExchange? exchange = null;
        while (exchange is null)
        {
            await loop.InvokeAsync(() => exchange = Connection.FreeSlots > 0 ? Send(receiver, method ?? (body is null ? "GET" : "POST"), target, body) : null);
            if (exchange is null)
            {
                Assert.True(await _rooms.WaitAsync(Eventually.Patience), "no room for another stream");
            }
        }

        return exchange;
    }

    /// <summary>Sends the head of a request whose body is to follow.</summary>
    internal Task BeginAsync(IResponseReceiver receiver) => loop.InvokeAsync(() => _ = Connection.Attach(receiver, Head("POST", "/"), endStream: false));

    internal Task OnLoopAsync(Action action) => loop.InvokeAsync(action);

    public void OnConnected(IUpstreamConnection connection)
    {
        Connection = connection;
        _connected.SetResult();
    }

    public void OnFreeSlots() => _rooms.Release();

    public void OnDraining() => HasGoneAway = true;

    public void OnClosed(int error, string reason)
    {
        _ = _closed.TrySetResult(reason);
        _ = _connected.TrySetException(new IOException(reason + SocketErrors.Describe(error)));
    }

    private IExchange Send(IResponseReceiver receiver, string method, string target, byte[]? body)
    {
        var exchange = Connection.Attach(receiver, Head(method, target), endStream: body is null or []);
        if (body is not null and not [])
        {
            exchange.SendData(body, endStream: true);
        }

        return exchange;
    }

    private static RequestHead Head(string method, string target)
    {
        var head = new RequestHead();
        head.Clear();
        head.SetMethod(Encoding.Latin1.GetBytes(method));
        head.SetTarget(Encoding.Latin1.GetBytes(target));
        head.SetAuthority("test"u8);
        return head;
    }
}
