using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.StockFilters.Messages;

/// <summary>Reads a configuration that is a message of Envoy's, in either spelling of its keys (<see cref="EnvoyMessageReader"/>).</summary>
/// <param name="type">How the message is read.</param>
/// <param name="create">Makes the configuration of it.</param>
/// <param name="maps">Keys of objects whose own keys are names that people choose.</param>
internal abstract class EnvoyMessageConverter<TConfig, TSettings>(JsonTypeInfo<TSettings> type, Func<TSettings, TConfig> create, params string[] maps) : JsonConverter<TConfig>, IEnvoyMessage
    where TSettings : notnull
{
    JsonTypeInfo IEnvoyMessage.Type => type;

    IReadOnlyList<string> IEnvoyMessage.Maps => maps;

    /// <inheritdoc/>
    public sealed override TConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => create(EnvoyMessageReader.Read(ref reader, type, maps));

    /// <inheritdoc/>
    public sealed override void Write(Utf8JsonWriter writer, TConfig value, JsonSerializerOptions options) => throw new NotSupportedException();
}
