using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Reads the configuration in either spelling of its keys.</summary>
internal sealed class RateLimitConverter() : EnvoyMessageConverter<RateLimitConfig, RateLimitSettings>(RateLimitSettingsJson.Default.RateLimitSettings, static settings => new(settings));
