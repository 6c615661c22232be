using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Access;

/// <summary>Reads the configuration of <c>ip_access</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IpAccessConfig))]
public sealed partial class AccessJson : JsonSerializerContext;
