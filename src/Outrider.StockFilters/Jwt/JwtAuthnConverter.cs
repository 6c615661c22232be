using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Jwt;

/// <summary>Reads the configuration in either spelling of its keys, as protobuf's JSON does.</summary>
internal sealed class JwtAuthnConverter : JsonConverter<JwtAuthnConfig>
{
    /// <inheritdoc/>
    public override JwtAuthnConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var read = JsonNode.Parse(ref reader);
        return new JwtAuthnConfig(Renamed(read, 0).Deserialize(JwtSettingsJson.Default.JwtSettings) ?? throw new JsonException("wanted an object"));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JwtAuthnConfig value, JsonSerializerOptions options) => throw new NotSupportedException();

    // The keys of "providers" and "requirementMap" are names that people choose.
    private static JsonNode? Renamed(JsonNode? node, int depth, bool keepsNames = false)
    {
        if (node is JsonArray array)
        {
            return new JsonArray([.. array.Select(item => Renamed(item, depth + 1))]);
        }

        if (node is not JsonObject members)
        {
            return node?.DeepClone();
        }

        var renamed = new JsonObject();
        foreach (var (name, value) in members)
        {
            string key = keepsNames ? name : Camel(name);
            if (!renamed.TryAdd(key, Renamed(value, depth + 1, depth == 0 && key is "providers" or "requirementMap")))
            {
                throw new JsonException($"'{name}' is there twice");
            }
        }

        return renamed;
    }

    private static string Camel(string name)
    {
        string[] parts = name.Split('_');
        return parts[0] + string.Concat(parts.Skip(1).Select(part => part.Length == 0 ? "_" : char.ToUpperInvariant(part[0]) + part[1..]));
    }
}
