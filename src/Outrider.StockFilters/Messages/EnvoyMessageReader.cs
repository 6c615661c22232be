using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Outrider.Filters;

namespace Outrider.StockFilters.Messages;

/// <summary>Reads a message of Envoy's from JSON in either spelling of its keys (<c>localJwks</c> or <c>local_jwks</c>), as protobuf's JSON does.</summary>
internal static class EnvoyMessageReader
{
    /// <summary>The message.</summary>
    /// <param name="reader">Where the JSON stands.</param>
    /// <param name="type">How it is read, with its keys in lowerCamel.</param>
    /// <param name="maps">Keys, in lowerCamel, of objects whose own keys are names that people choose.</param>
    /// <exception cref="JsonException">It is none.</exception>
    /// <exception cref="FilterConfigurationException">A value of it is not as it has to be.</exception>
    internal static T Read<T>(ref Utf8JsonReader reader, JsonTypeInfo<T> type, params string[] maps)
        where T : notnull
    {
        var message = Renamed(JsonNode.Parse(ref reader), maps, keepsNames: false).Deserialize(type) ?? throw new JsonException("wanted an object");
        ConfigurationRules.Check(message, type);
        return message;
    }

    private static JsonNode? Renamed(JsonNode? node, string[] maps, bool keepsNames)
    {
        if (node is JsonArray array)
        {
            return new JsonArray([.. array.Select(item => Renamed(item, maps, keepsNames: false))]);
        }

        if (node is not JsonObject members)
        {
            return node?.DeepClone();
        }

        var renamed = new JsonObject();
        foreach (var (name, value) in members)
        {
            string key = keepsNames ? name : Camel(name);
            if (!renamed.TryAdd(key, Renamed(value, maps, !keepsNames && maps.Contains(key))))
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
