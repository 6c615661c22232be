using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Jwt;

/// <summary>Reads the configuration in either spelling of its keys.</summary>
internal sealed class JwtAuthnConverter() : EnvoyMessageConverter<JwtAuthnConfig, JwtSettings>(JwtSettingsJson.Default.JwtSettings, static settings => new(settings), "providers", "requirementMap");
