using System.Text.Json;
using System.Text.Json.Nodes;
using Outrider.Filters;

namespace Outrider.Configuration.Sources;

/// <summary>The file's JSON with what other sources say of resources in the place of what the file says.</summary>
internal static class EffectiveJson
{
    private static readonly JsonNodeOptions s_options = new() { PropertyNameCaseInsensitive = true };

    /// <summary>The JSON; the file's own where it cannot be put together.</summary>
    /// <param name="file">The file's JSON.</param>
    /// <param name="layers">What others say, in the order that they said it.</param>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> file, IEnumerable<(ResourceName Name, ReadOnlyMemory<byte> Json)> layers)
    {
        try
        {
            var root = JsonNode.Parse(file.Span, s_options)!.AsObject();
            foreach (var (name, json) in layers)
            {
                Put(root, name, JsonNode.Parse(json.Span, s_options)!);
            }

            return JsonSerializer.SerializeToUtf8Bytes(root);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // A key that stands twice, which Go takes and this does not.
            return file;
        }
    }

    private static void Put(JsonObject root, ResourceName name, JsonNode value)
    {
        var (owner, list, key) = name.Kind switch
        {
            ConfigurationResourceKind.Router => (Server(root), "routers", "router_config_name"),
            ConfigurationResourceKind.Listener => (Server(root), "listeners", "name"),
            _ => (ObjectAt(root, "cluster_manager"), "clusters", "name"),
        };
        if (owner[list] is not JsonArray items)
        {
            owner[list] = items = [];
        }

        int index = items.TakeWhile(item => item?[key]?.GetValue<string>() != name.Name).Count();
        if (name.Kind == ConfigurationResourceKind.Hosts)
        {
            if (index < items.Count)
            {
                items[index]!["hosts"] = value is JsonObject { } holder && holder["hosts"] is { } hosts ? hosts.DeepClone() : value;
            }

            return;
        }

        value[key] = name.Name;
        if (index < items.Count)
        {
            items[index] = value;
        }
        else
        {
            items.Add(value);
        }
    }

    private static JsonObject Server(JsonObject root) => root["servers"]!.AsArray()[0]!.AsObject();

    private static JsonObject ObjectAt(JsonObject root, string key)
    {
        if (root[key] is not JsonObject found)
        {
            root[key] = found = [];
        }

        return found;
    }
}
