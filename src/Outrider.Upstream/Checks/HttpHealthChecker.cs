using System.Net.Http;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Security;

namespace Outrider.Upstream.Checks;

/// <summary>A host is well that answers a request with a status that is expected.</summary>
/// <param name="configuration">What is asked, and expected.</param>
/// <param name="isHttp2">Is HTTP/2 spoken, and not HTTP/1.1?</param>
/// <param name="tls">How the cluster's hosts are spoken to in TLS; null for plain text.</param>
internal sealed class HttpHealthChecker(HttpCheckConfiguration configuration, bool isHttp2, TlsContext? tls) : IHealthChecker, IDisposable
{
    private readonly HttpProbe _probe = new(isHttp2, tls, configuration.IsHttps, configuration.Port);
    private readonly HttpMethod _method = new(configuration.Method);

    /// <inheritdoc/>
    public async ValueTask<HealthCheckResult> CheckAsync(CheckedHost host, CancellationToken cancellation)
    {
        using var own = configuration.Timeout > TimeSpan.Zero ? CancellationTokenSource.CreateLinkedTokenSource(cancellation) : null;
        own?.CancelAfter(configuration.Timeout);
        using var request = _probe.Request(host, _method, configuration.Path, configuration.Domain);
        using var response = await _probe.SendAsync(request, own?.Token ?? cancellation).ConfigureAwait(false);
        int status = (int)response.StatusCode;
        return configuration.IsExpected(status) ? HealthCheckResult.Healthy : HealthCheckResult.Unhealthy($"it answered with {status}");
    }

    /// <inheritdoc/>
    public void Dispose() => _probe.Dispose();
}
