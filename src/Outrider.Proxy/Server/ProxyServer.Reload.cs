using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Snapshots;
using Outrider.Security;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>The way from one configuration to the next: first what can fail, then what cannot.</summary>
internal sealed partial class ProxyServer
{
    /// <summary>
    /// Takes another configuration. New streams begin with it, streams that run end with the old one, connections stay.
    /// When it throws, nothing has changed.
    /// </summary>
    /// <exception cref="ConfigurationException">The configuration cannot be used.</exception>
    /// <exception cref="IOException">A log cannot be written, or an address cannot be had.</exception>
    internal Task ReloadAsync(ProxyConfiguration configuration) => _store.AloneAsync(async () =>
    {
        // What can fail comes first: new addresses, then the log, which takes its new level when it is opened.
        _admin.CheckReload(configuration);
        var change = await _store.PrepareAsync(configuration).ConfigureAwait(false);
        ErrorLog log;
        try
        {
            log = OpenErrorLog(configuration);
        }
        catch
        {
            _store.Abandon(change);
            throw;
        }

        _admin.Reload(configuration, log);
        _sinks.Reload(configuration, log);
        _debug.Reload(configuration, log);
        OpenDoors.Tell(configuration, log);
        _runtime.Log = log;
        await _store.CommitAsync(change).ConfigureAwait(false);
        int processors = configuration.Server.Processor > 0 ? configuration.Server.Processor : Environment.ProcessorCount;
        if (processors != _runtime.WorkingLoops)
        {
            log.Write(StreamLogLevel.Warn, $"processor: {_runtime.WorkingLoops} loops stay until the next start, not {processors}");
        }

        Use(configuration);
        return true;
    });

    /// <summary>Ends the streams that began with a configuration of before, if one of its filters' factories is meant.</summary>
    /// <param name="isMeant">Called on each loop.</param>
    /// <param name="reason">Why, for the access log.</param>
    /// <returns>How many there were.</returns>
    internal Task<int> EndOldStreamsAsync(Predicate<IStreamFilterFactory> isMeant, string reason)
        => _store.AloneAsync(() => _listeners.EndOldStreamsAsync(isMeant, reason));
}
