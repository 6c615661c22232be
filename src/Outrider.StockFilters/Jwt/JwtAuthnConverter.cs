using System.Text.Json;
using System.Text.Json.Serialization;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Jwt;

/// <summary>Reads the configuration in either spelling of its keys.</summary>
internal sealed class JwtAuthnConverter : JsonConverter<JwtAuthnConfig>
{
    /// <inheritdoc/>
    public override JwtAuthnConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => new(EnvoyMessageReader.Read(ref reader, JwtSettingsJson.Default.JwtSettings, "providers", "requirementMap"));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JwtAuthnConfig value, JsonSerializerOptions options) => throw new NotSupportedException();
}
