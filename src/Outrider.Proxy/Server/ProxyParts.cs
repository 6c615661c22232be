using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Plugins;

namespace Outrider.Proxy.Server;

/// <summary>What configurations of a proxy can name, whoever brought it.</summary>
/// <param name="Filters">The stream filters.</param>
/// <param name="Certificates">The certificate providers.</param>
/// <param name="Plugins">Runs plugins; null for none.</param>
/// <param name="Extensions">What has to do with connections, and sources of configurations; null for what comes with the proxy.</param>
internal sealed record ProxyParts(StreamFilterRegistry Filters, CertificateProviderRegistry Certificates, IPluginHost? Plugins, ConnectionExtensions? Extensions)
{
    /// <summary>What <c>pprof</c> shows beside the runtime's counters.</summary>
    internal IReadOnlyList<IAdminHandler> DebugPages { get; init; } = [];

    /// <summary>Takes connections to the admin API, whichever listener they come to.</summary>
    internal AdminApi Admin { get; } = new(new AdminHandlers(), AdminAccess.Default);
}
