using System.Text.Json;
using System.Text.Json.Serialization;

namespace Outrider.Filters;

/// <summary>
/// Reads a <see cref="TimeSpan"/> of a filter's configuration from the text that Go writes durations in (<c>"10s"</c>, see <see cref="GoDuration"/>),
/// as everywhere in the proxy's own configuration: <c>[JsonConverter(typeof(GoDurationConverter))]</c> on the property. A bare number is nanoseconds, as in Go.
/// </summary>
public sealed class GoDurationConverter : JsonConverter<TimeSpan>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">It is no duration.</exception>
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long nanoseconds))
        {
            return TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException("wanted a duration such as \"1s\" or \"500ms\"");
        }

        string text = reader.GetString()!;
        return GoDuration.TryParse(text, out var duration) ? duration : throw new JsonException($"found \"{text}\", wanted a duration such as \"1s\" or \"500ms\"");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0.####}ms"));
    }
}
