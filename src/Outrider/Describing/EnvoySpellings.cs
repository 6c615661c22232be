using System.Text.Json;
using System.Text.Json.Nodes;

namespace Outrider.Describing;

/// <summary>Both spellings of the keys of a message of Envoy's (<c>localJwks</c>, <c>local_jwks</c>).</summary>
internal static class EnvoySpellings
{
    /// <summary>The schema with each key in the other spelling beside it.</summary>
    /// <param name="schema">A schema with keys in lowerCamel.</param>
    /// <param name="maps">Keys of objects whose own keys are names that people choose.</param>
    internal static JsonNode Add(JsonNode schema, IReadOnlyList<string> maps)
    {
        switch (schema)
        {
            case JsonArray items:
                return new JsonArray([.. items.Select(item => item is null ? null : Add(item, maps))]);
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member switch
                {
                    { Key: "properties", Value: JsonObject properties } => Both(properties, maps),
                    { Value: null } => null,
                    _ => Add(member.Value, maps),
                })).Where(static member => member.Key != "required"));
            default:
                return schema.DeepClone();
        }
    }

    private static JsonObject Both(JsonObject properties, IReadOnlyList<string> maps)
    {
        var both = new JsonObject();
        foreach (var (name, value) in properties)
        {
            var own = value is null ? null : Add(value, maps);
            both[name] = own;
            string other = JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
            if (other != name)
            {
                both[other] = own?.DeepClone();
            }
        }

        return both;
    }
}
