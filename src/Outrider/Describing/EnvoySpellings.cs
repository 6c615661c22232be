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
                var both = new JsonObject(members.Where(static member => member.Key != "required").Select(member => KeyValuePair.Create(member.Key, member switch
                {
                    { Key: "properties", Value: JsonObject properties } => Both(properties, maps),
                    { Value: null } => null,
                    _ => Add(member.Value, maps),
                })));
                if (members["required"] is JsonArray required)
                {
                    both["allOf"] = new JsonArray([.. required.Select(static name => Either(name!.GetValue<string>()))]);
                }

                return both;
            default:
                return schema.DeepClone();
        }
    }

    // A key that has to be there, in one of its spellings.
    private static JsonObject Either(string name)
    {
        string other = Other(name);
        var own = new JsonObject { ["required"] = new JsonArray(name) };
        return other == name ? own : new JsonObject { ["anyOf"] = new JsonArray(own, new JsonObject { ["required"] = new JsonArray(other) }) };
    }

    private static string Other(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static JsonObject Both(JsonObject properties, IReadOnlyList<string> maps)
    {
        var both = new JsonObject();
        foreach (var (name, value) in properties)
        {
            var own = value is null ? null : Add(value, maps);
            both[name] = own;
            string other = Other(name);
            if (other != name)
            {
                both[other] = own?.DeepClone();
            }
        }

        return both;
    }
}
