using System.Text.Json.Serialization;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Reads the configuration of <c>ratelimit</c>, a listener's or a route's, without reflection.</summary>
[JsonSerializable(typeof(RateLimitConfig))]
[JsonSerializable(typeof(RateLimitRouteConfig))]
public sealed partial class RateLimitJson : JsonSerializerContext;
