using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Net.Listening;
using Outrider.Net.Timers;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Admin;

/// <summary>
/// A client's connection to the admin API: one request, five seconds for it to come and five for the answer to go. What HTTP asks of it goes to
/// whoever accepted it. On the connection's loop.
/// </summary>
/// <param name="api">The pages.</param>
/// <param name="transport">The connection.</param>
/// <param name="owner">Who accepted it.</param>
internal sealed class AdminConnection(AdminApi api, Transport transport, IConnectionOwner owner) : LoopTimer, IServerHandler
{
    private const int Patience = 5000;
    private const int BytesPerMillisecond = 1000;

    // A head is as long as a small body may be; how long a body may be is the page's to say.
    private static readonly HttpLimits s_limits = new()
    {
        MaxStartLine = 64 * 1024,
        MaxRequestBody = Handlers.ResourceSetHandler.MaxResources,
        HeaderTimeout = Patience,
        BodyTimeout = Patience,
        SendTimeout = Patience,
        IdleTimeout = Patience,
    };

    private LinkedListNode<AdminConnection>? _waiting;
    private bool _isLast;

    /// <inheritdoc/>
    public HttpLimits Limits => s_limits;

    /// <inheritdoc/>
    public int ReadSize => owner.ReadSize;

    /// <summary>The answer at hand is the connection's last.</summary>
    public bool IsDraining => _isLast || owner.IsDraining;

    /// <inheritdoc/>
    public object Owner => owner;

    /// <summary>The pages.</summary>
    internal AdminApi Api => api;

    /// <summary>Milliseconds of the loop's clock.</summary>
    internal long Now => transport.Loop.Now;

    /// <summary>Since when it waits for its client, by <see cref="Now"/>.</summary>
    internal long WaitsSince { get; private set; }

    /// <summary>It has waited longer for its client than others do, who need the place.</summary>
    internal void Cut() => transport.Close();

    /// <summary>The request is there: now the client waits for us.</summary>
    internal void OnRequest()
    {
        _isLast = true;
        api.SlowOn(transport.Loop).Leave(_waiting);
        Net.Loops.EventLoop.Disarm(this);
    }

    /// <summary>The answer begins.</summary>
    /// <param name="length">Bytes of its body; for each megabyte the client has another second.</param>
    internal void OnAnswer(int length)
    {
        _isLast = true;
        Wait(Patience + (length / BytesPerMillisecond));
    }

    /// <inheritdoc/>
    public void OnConnectionOpened(Transport transport)
    {
        owner.OnConnectionOpened(transport);
        Wait(Patience);
    }

    /// <inheritdoc/>
    public void OnSecured(Transport transport) => owner.OnSecured(transport);

    /// <inheritdoc/>
    public void OnTlsFailed(Transport transport, string reason) => owner.OnTlsFailed(transport, reason);

    /// <inheritdoc/>
    public void OnTlsUnused(Transport transport) => owner.OnTlsUnused(transport);

    /// <inheritdoc/>
    public void OnConnectionClosed(Transport transport)
    {
        api.SlowOn(transport.Loop).Leave(_waiting);
        transport.Loop.Remove(this);
        owner.OnConnectionClosed(transport);
    }

    /// <inheritdoc/>
    public ServerStream RentStream() => new AdminStream(this);

    /// <inheritdoc/>
    public void ReturnUnused(ServerStream stream)
    {
    }

    /// <inheritdoc/>
    public void OnIdleTimeout(Transport transport)
    {
    }

    /// <inheritdoc/>
    public void OnProtocolError(Transport transport, ServerStream stream, ProtocolError error)
    {
    }

    /// <inheritdoc/>
    protected override void OnTimer() => transport.Close();

    private void Wait(int patience)
    {
        var slow = api.SlowOn(transport.Loop);
        slow.Leave(_waiting);
        WaitsSince = Now;
        _waiting = slow.Enter(this);
        transport.Loop.Arm(this, patience);
    }
}
