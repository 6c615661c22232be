namespace Outrider.Proxy.Admin;

/// <summary><c>/</c>: the list of the pages. Any thread.</summary>
/// <param name="handlers">Where the pages are.</param>
internal sealed class HelpHandler(AdminHandlers handlers) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        IEnumerable<string> paths = handlers.Paths.Where(static path => path != "/");
        return new(AdminResponse.Text("supported APIs:\n" + string.Concat(paths.Select(static path => path + "\n"))));
    }
}
