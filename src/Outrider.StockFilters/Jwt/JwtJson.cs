using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Jwt;

/// <summary>Reads the configuration of <c>jwt_authn</c> without reflection.</summary>
[JsonSerializable(typeof(JwtAuthnConfig))]
public sealed partial class JwtJson : JsonSerializerContext;
