using Outrider.Filters;

namespace Outrider.Proxy.Listening;

/// <summary>The listener filters that come with the proxy.</summary>
internal static class BuiltInListenerFilters
{
    /// <summary>Their names.</summary>
    internal static IReadOnlyList<string> Names { get; } = [OriginalDestinationFilter.Name, ProxyProtocolFilter.Name, TlsInspector.Name];

    /// <summary>The filter of that name; null when it is none of these.</summary>
    /// <exception cref="FilterConfigurationException">Its configuration is wrong.</exception>
    internal static IListenerFilter? Create(string name, FilterConfiguration configuration)
    {
        switch (name)
        {
            case OriginalDestinationFilter.Name:
                return new OriginalDestinationFilter(configuration.Read(ListeningJson.Default.OriginalDestinationOptions));
            case ProxyProtocolFilter.Name:
                return new ProxyProtocolFilter(configuration.Read(ListeningJson.Default.ProxyProtocolOptions));
            case TlsInspector.Name:
                return new TlsInspector();
            default:
                return null;
        }
    }
}
