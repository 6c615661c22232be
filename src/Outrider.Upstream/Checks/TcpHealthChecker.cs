using System.Net.Sockets;
using Outrider.Filters;

namespace Outrider.Upstream.Checks;

/// <summary>A host is well that takes connections.</summary>
internal sealed class TcpHealthChecker : IHealthChecker
{
    /// <inheritdoc/>
    public async ValueTask<HealthCheckResult> CheckAsync(CheckedHost host, CancellationToken cancellation)
    {
        using var socket = await CheckConnections.ConnectAsync(host.EndPoint, 0, cancellation).ConfigureAwait(false);
        try
        {
            // The server has nothing to tell: without this its port would wait for what is on its way.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // It has closed already, which was not asked.
        }

        return HealthCheckResult.Healthy;
    }
}
