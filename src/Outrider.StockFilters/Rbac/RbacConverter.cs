using System.Text.Json;
using System.Text.Json.Serialization;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Reads the configuration in either spelling of its keys.</summary>
internal sealed class RbacConverter : JsonConverter<RbacConfig>
{
    /// <inheritdoc/>
    public override RbacConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => new(EnvoyMessageReader.Read(ref reader, RbacSettingsJson.Default.RbacSettings, "policies"));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RbacConfig value, JsonSerializerOptions options) => throw new NotSupportedException();
}
