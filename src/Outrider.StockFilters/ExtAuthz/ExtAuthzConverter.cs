using System.Text.Json;
using System.Text.Json.Serialization;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>Reads the configuration in either spelling of its keys.</summary>
internal sealed class ExtAuthzConverter : JsonConverter<ExtAuthzConfig>
{
    /// <inheritdoc/>
    public override ExtAuthzConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => new(EnvoyMessageReader.Read(ref reader, ExtAuthzSettingsJson.Default.ExtAuthzSettings, "contextExtensions"));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ExtAuthzConfig value, JsonSerializerOptions options) => throw new NotSupportedException();
}
