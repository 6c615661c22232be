using System.Text.Json;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>Copies JSON without its secrets: private keys, wherever they stand, passwords and tokens. Any thread.</summary>
internal static class RedactedJson
{
    private const string Placeholder = "[redacted]";

    /// <summary>Copies a value.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    WriteProperty(writer, property);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when IsPrivateKey(element.GetString()!):
                writer.WriteStringValue(Placeholder);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    /// <summary>Copies a member of an object.</summary>
    public static void WriteProperty(Utf8JsonWriter writer, JsonProperty property)
    {
        writer.WritePropertyName(property.Name);
        bool isSecret = property.Name.Equals("private_key", StringComparison.OrdinalIgnoreCase)
            || property.Name.Equals("password", StringComparison.OrdinalIgnoreCase)
            || property.Name.Equals("token", StringComparison.OrdinalIgnoreCase);
        if (isSecret && property.Value.ValueKind != JsonValueKind.Null)
        {
            writer.WriteStringValue(Placeholder);
        }
        else
        {
            Write(writer, property.Value);
        }
    }

    // PEM (RFC 7468) whatever the kind of key: "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", ...
    private static bool IsPrivateKey(string text) => text.Contains("PRIVATE KEY-----", StringComparison.Ordinal);
}
