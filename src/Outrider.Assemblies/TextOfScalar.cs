using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Outrider.Assemblies;

/// <summary>
/// Reads text where JSON has a number or a boolean, for configurations that were YAML before: there <c>n</c>, <c>on</c> and <c>12</c> without quotes are
/// no text, and whoever wrote them meant it. What stood there is gone, so a boolean reads as <c>true</c> or <c>false</c>, which is told.
/// </summary>
/// <param name="tell">Told of each boolean that was read as text.</param>
internal sealed class TextOfScalar(Action<string> tell) : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return Encoding.UTF8.GetString(reader.ValueSpan);
            case JsonTokenType.True or JsonTokenType.False:
                string text = reader.TokenType == JsonTokenType.True ? "true" : "false";
                tell($"a text of the configuration is \"{text}\": in YAML y, n, yes, no, on, off, true and false are no text without quotes");
                return text;
            default:
                throw new JsonException();
        }
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
