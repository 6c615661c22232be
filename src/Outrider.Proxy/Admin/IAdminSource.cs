using Outrider.Filters;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin;

/// <summary>What the admin API shows of the process. All members are for any thread.</summary>
internal interface IAdminSource
{
    /// <summary>The version, as <c>/api/v1/version</c> says it.</summary>
    string Version { get; }

    /// <summary>The configuration that is in effect, as MOSN's JSON. Private keys need not be taken out: whoever shows it does.</summary>
    ReadOnlyMemory<byte> Configuration { get; }

    /// <summary>The counters.</summary>
    ProxyStats Stats { get; }

    /// <summary>The clusters with their hosts as they are now.</summary>
    IReadOnlyList<AdminCluster> Clusters { get; }

    /// <summary>What waits on connections.</summary>
    Task<BufferedBytes> BufferedAsync() => Task.FromResult(new BufferedBytes());

    /// <summary>The listeners.</summary>
    IReadOnlyList<AdminListener> Listeners { get; }

    /// <summary>The certificates in force; none where nothing speaks TLS.</summary>
    IReadOnlyList<AdminCertificate> Certificates => [];

    /// <summary>Puts resources in force that somebody has sent to the admin API, and says what became of each.</summary>
    Task<IReadOnlyList<ConfigurationResourceResult>> ApplyAsync(IReadOnlyList<ConfigurationResource> resources);

    /// <summary>MOSN's number for what the process is doing; 6 is running.</summary>
    int State { get; }

    /// <summary>The error logs.</summary>
    ErrorLogs ErrorLogs { get; }

    /// <summary>The files of all logs.</summary>
    LogFiles LogFiles { get; }
}
