using Outrider.Filters;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>POST /api/v1/clusters/NAME</c>, <c>/api/v1/routers/NAME</c>, <c>/api/v1/listeners/NAME</c>: the resource is what the body says; without a body, what the file says again. Any thread.</summary>
/// <param name="source">Where it goes.</param>
/// <param name="kind">Which of them.</param>
internal sealed class ResourceHandler(IAdminSource source, ConfigurationResourceKind kind) : IAdminHandler
{
    private readonly string _folder = $"/api/v1/{kind.ToString().ToLowerInvariant()}s/";

    /// <inheritdoc/>
    public string Path => _folder + "NAME";

    /// <inheritdoc/>
    public string Method => "POST";

    /// <inheritdoc/>
    public bool NeedsToken => true;

    /// <inheritdoc/>
    public int MaxBody => ResourceSetHandler.MaxResources;

    /// <inheritdoc/>
    public string Summary => $"the body replaces that {kind.ToString().ToLowerInvariant()}; no body: the file's again";

    /// <inheritdoc/>
    public bool Answers(string path) => path.Length > _folder.Length && path.StartsWith(_folder, StringComparison.Ordinal)
        && !(kind == ConfigurationResourceKind.Cluster && path.EndsWith(HostsHandler.Suffix, StringComparison.Ordinal));

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
        => ResourceAnswer.Of(await source.ApplyAsync([new ConfigurationResource(kind, request.Path[_folder.Length..], request.Body)]).ConfigureAwait(false));
}
