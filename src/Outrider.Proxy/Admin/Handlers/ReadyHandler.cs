namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/ready</c>: 200 while it takes work, 503 while it starts or drains: what a balancer before it asks. Any thread.</summary>
/// <param name="source">Where the state is.</param>
internal sealed class ReadyHandler(IAdminSource source) : IAdminHandler
{
    // MOSN's number for a process that serves.
    private const int Running = 6;

    /// <inheritdoc/>
    public string Path => "/ready";

    /// <inheritdoc/>
    public string Summary => "200 while it takes work, 503 while it starts or drains";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
        => new(source.State == Running ? AdminResponse.Text("ready\n") : AdminResponse.Text(source.State < Running ? "starting\n" : "draining\n", 503));
}
