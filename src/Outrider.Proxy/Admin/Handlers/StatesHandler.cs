namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/states</c>: <c>pid=1&amp;state=6</c>. Any thread.</summary>
/// <param name="source">Where the state is.</param>
internal sealed class StatesHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/states";

    /// <inheritdoc/>
    public string Summary => "process id and state (4 starting, 6 running, 8 stopping)";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
        => new(AdminResponse.Text($"pid={Environment.ProcessId}&state={source.State}\n"));
}
