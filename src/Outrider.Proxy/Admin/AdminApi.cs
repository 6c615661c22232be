using System.Runtime.CompilerServices;
using Outrider.Http.V1.Server;
using Outrider.Net.Listening;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Admin;

/// <summary>
/// The end of filter chains whose connections are clients of the admin API (<c>admin</c>): pages, who may see them, and how many are worked on at a
/// time. Any thread; pages and access can be replaced while it serves.
/// </summary>
internal sealed class AdminApi : IConnectionHandlerFactory
{
    /// <summary>The name that <c>filter_chains[].filters[].type</c> uses.</summary>
    public const string Name = "admin";

    private const int MaxWaiting = 64;
    private const int MaxAtWork = 16;

    private readonly ConditionalWeakTable<EventLoop, SlowClients> _slow = [];
    private volatile Content _content;

    /// <param name="handlers">The pages.</param>
    /// <param name="access">Who may see them.</param>
    public AdminApi(AdminHandlers handlers, AdminAccess access) => _content = new Content(handlers, access);

    private sealed record Content(AdminHandlers Handlers, AdminAccess Access);

    /// <summary>One without pages.</summary>
    public static AdminApi Nothing { get; } = new(new AdminHandlers(), AdminAccess.Default);

    /// <summary>The pages.</summary>
    public AdminHandlers Handlers => _content.Handlers;

    /// <summary>Who may see them.</summary>
    public AdminAccess Access => _content.Access;

    /// <summary>Requests that are worked on.</summary>
    public SemaphoreSlim AtWork { get; } = new(MaxAtWork);

    /// <summary>The loop that serves nothing else, where pages are made on the spot; null for none.</summary>
    public EventLoop? Own { get; set; }

    /// <summary>From the next request on these are the pages, for those whom this lets.</summary>
    public void Use(AdminHandlers handlers, AdminAccess access) => _content = new Content(handlers, access);

    /// <summary>The connections of a loop that wait for their clients. On the loop.</summary>
    public SlowClients SlowOn(EventLoop loop) => _slow.GetValue(loop, static _ => new SlowClients(MaxWaiting));

    /// <inheritdoc/>
    public TransportHandler Create(Transport transport, IConnectionOwner owner, ConnectionOpening opening) => new Http1ServerConnection(transport, new AdminConnection(this, transport, owner));
}
