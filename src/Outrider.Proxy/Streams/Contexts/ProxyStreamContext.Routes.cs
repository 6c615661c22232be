using Outrider.Filters;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What the matched route configures of its own for each filter.</summary>
internal sealed partial class ProxyStreamContext
{
    /// <summary>What the matched route has for the filter at this place; null for nothing.</summary>
    internal override object? RouteConfigurationAt(int filter)
        => filter >= 0 && _stream.Route is { } route ? _stream.Snapshot.Filters.Routes.Find(route.Number, filter) : null;

    object? IStreamControl.RouteConfigurationOf(StreamFilter filter) => RouteConfigurationAt(_stream.Filters.IndexOf(filter));
}
