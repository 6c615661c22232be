using Outrider.Envoy.Logging;

namespace Outrider.Envoy.Hosted;

/// <summary>What one version of a filter has made of a route's configuration.</summary>
/// <param name="filter">The filter's name, for the log.</param>
/// <param name="value">The configuration object.</param>
internal sealed class HostedRouteValue(string filter, object value) : IDisposable
{
    internal object Value => value;

    /// <summary>No stream will ask for it. What the object throws is logged.</summary>
    public void Dispose()
    {
        try
        {
            (value as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            ModuleLog.Error($"filter '{filter}', when a route's configuration was disposed: {e}");
        }
    }
}
