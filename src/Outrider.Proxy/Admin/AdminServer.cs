using System.Net;
using System.Net.Sockets;
using Outrider.Net.Descriptors;
using Outrider.Net.Listening;
using Outrider.Net.Loops;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Admin;

/// <summary>
/// The listener of the admin API, whose one chain ends in <see cref="AdminApi"/>. It has a loop of its own and some descriptors of its own, so that it
/// answers when other loops are stuck, when there are as many connections as there may be, and when the process has no descriptor left. Start
/// and dispose on any thread but that loop's.
/// </summary>
internal sealed class AdminServer : IConnectionOwner, IDisposable
{
    // As many requests can be answered at the same time when there is no other descriptor.
    private const int Reserved = 8;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly EventLoop _loop = new(0, "loop-admin");
    private readonly DescriptorReserve _reserve = new(Reserved);
    private readonly ListenerSockets _sockets;
    private Listener? _listener;
    private bool _disposed;

    private AdminServer(ListenerSockets sockets, AdminApi api)
    {
        _sockets = sockets;
        Api = api;
        api.Own = _loop;
    }

    /// <summary>The pages.</summary>
    public AdminApi Api { get; }

    /// <summary>Where it listens; the port is the real one where the configuration says 0.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_sockets.EndPoint;

    /// <inheritdoc/>
    public string ListenerName => AdminApi.Name;

    /// <inheritdoc/>
    public int ReadSize => EventLoop.ReceiveBufferSize;

    /// <inheritdoc/>
    public bool IsDraining => false;

    /// <summary>Listens and serves.</summary>
    /// <exception cref="IOException">It cannot listen there; the message names the address.</exception>
    /// <param name="endPoint">Where.</param>
    /// <param name="handlers">The pages.</param>
    /// <param name="access">Who may see them; null for whoever is no web page.</param>
    public static AdminServer Start(IPEndPoint endPoint, AdminHandlers handlers, AdminAccess? access = null) => Start(endPoint, new AdminApi(handlers, access ?? AdminAccess.Default));

    /// <summary>As <see cref="Start(IPEndPoint, AdminHandlers, AdminAccess?)"/>, for pages that others show as well.</summary>
    public static AdminServer Start(IPEndPoint endPoint, AdminApi api)
    {
        AdminServer server;
        try
        {
            server = new AdminServer(Listener.Bind(endPoint, 1), api);
        }
        catch (SocketException e)
        {
            throw new IOException($"the admin API cannot listen on {endPoint}: {e.Message}", e);
        }

        server._loop.Start();
        server._loop.Post(_ => server.Accept(), null);
        return server;
    }

    /// <inheritdoc/>
    public void OnConnectionOpened(Transport transport)
    {
    }

    /// <inheritdoc/>
    public void OnSecured(Transport transport)
    {
    }

    /// <inheritdoc/>
    public void OnTlsFailed(Transport transport, string reason)
    {
    }

    /// <inheritdoc/>
    public void OnTlsUnused(Transport transport)
    {
    }

    /// <inheritdoc/>
    public void OnConnectionClosed(Transport transport)
    {
        // The connection's own descriptor goes with the event at hand.
        _loop.Post(_ => _reserve.Fill(), null);
        _listener?.OnConnectionClosed();
    }

    /// <summary>Listens no more and ends what is being served.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        var ended = _loop.InvokeAsync(() =>
        {
            _listener?.Leave();
            _listener = null;
            foreach (var transport in _loop.TransportsOf(this).ToList())
            {
                transport.Close();
            }

            _reserve.Dispose();
            _loop.Stop();
        });
        if (ended.Wait(s_patience) && _loop.Stopped.Wait(s_patience))
        {
            _sockets.Dispose();
            _loop.Dispose();
            return;
        }

        // A page holds it: nobody is accepted any more, and what is open stays until the process ends.
        _sockets.Shutdown();
    }

    private void Accept()
    {
        _reserve.Fill();
        _listener = Listener.Start(_loop, _sockets[0], OnAccepted, _ => Api.SlowOn(_loop).CutOldest(), reserve: _reserve);
    }

    private void OnAccepted(Transport transport) => transport.Handler = Api.Create(transport, this, new ConnectionOpening(transport));
}
