using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Reads a route's configuration in either spelling of its keys.</summary>
internal sealed class RateLimitRouteConverter() : EnvoyMessageConverter<RateLimitRouteConfig, RateLimitRouteSettings>(RateLimitSettingsJson.Default.RateLimitRouteSettings, static settings => new(settings));
