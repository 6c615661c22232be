using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Sdk;

/// <summary>What a plugin does: answers the proxy's calls.</summary>
public interface IPluginService
{
    /// <summary>
    /// Answers one call. Several run at a time, on threads of the pool. What the fields mean is between the plugin and who
    /// asks it; for the filter <c>agent</c>, <c>Status</c> −1 refuses the request, 0 and 1 let it pass, and 200–599 answer it.
    /// </summary>
    /// <param name="request">The request; the plugin's own from here on.</param>
    /// <param name="cancellationToken">Cancelled when the caller's time is over or it has gone.</param>
    /// <returns>The answer. An exception becomes gRPC's status <c>UNKNOWN</c> with the exception's message.</returns>
    ValueTask<Response> CallAsync(Request request, CancellationToken cancellationToken);
}
