namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/version</c>: <c>outrider version: 0.1.0</c>. Any thread.</summary>
/// <param name="source">Where the version is.</param>
internal sealed class VersionHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/version";

    /// <inheritdoc/>
    public string Summary => "the version";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request) => new(AdminResponse.Text("outrider version: " + source.Version));
}
