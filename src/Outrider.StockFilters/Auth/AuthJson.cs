using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Auth;

/// <summary>Reads the configurations of <c>basic_auth</c> and <c>api_key</c> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(BasicAuthConfig))]
[JsonSerializable(typeof(ApiKeyConfig))]
public sealed partial class AuthJson : JsonSerializerContext;
