using System.Text.Json;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>Finds the parts of a configuration that pages show. Keys are compared without case and the last one counts, as when it is read.</summary>
internal static class ConfigurationParts
{
    /// <summary>The routers by name.</summary>
    internal static IEnumerable<(string Name, JsonElement Value)> Routers(JsonElement root)
        => Servers(root).SelectMany(static server => Items(server, "routers")).Select(static router => (Text(router, "router_config_name"), router));

    /// <summary>The listeners by name.</summary>
    internal static IEnumerable<(string Name, JsonElement Value)> Listeners(JsonElement root)
        => Servers(root).SelectMany(static server => Items(server, "listeners")).Select(static listener =>
            (Text(listener, "name") is { Length: > 0 } name ? name : Text(listener, "address"), listener));

    /// <summary>The clusters by name.</summary>
    internal static IEnumerable<(string Name, JsonElement Value)> Clusters(JsonElement root)
        => Member(root, "cluster_manager") is { } manager ? Items(manager, "clusters").Select(static cluster => (Text(cluster, "name"), cluster)) : [];

    private static JsonElement[] Servers(JsonElement root) => Items(root, "servers");

    /// <summary>Writes the file without what has these names; they stand one level below the root's members.</summary>
    internal static void WriteWithout(Utf8JsonWriter writer, JsonElement root, params string[] names)
    {
        writer.WriteStartObject();
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name.Equals("servers", StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind == JsonValueKind.Array)
            {
                writer.WriteStartArray(property.Name);
                foreach (JsonElement server in property.Value.EnumerateArray())
                {
                    WriteObjectWithout(writer, server, names);
                }

                writer.WriteEndArray();
            }
            else if (property.Name.Equals("cluster_manager", StringComparison.OrdinalIgnoreCase))
            {
                writer.WritePropertyName(property.Name);
                WriteObjectWithout(writer, property.Value, names);
            }
            else
            {
                RedactedJson.WriteProperty(writer, property);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteObjectWithout(Utf8JsonWriter writer, JsonElement element, string[] names)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            RedactedJson.Write(writer, element);
            return;
        }

        writer.WriteStartObject();
        foreach (JsonProperty property in element.EnumerateObject().Where(p => !names.Contains(p.Name, StringComparer.OrdinalIgnoreCase)))
        {
            RedactedJson.WriteProperty(writer, property);
        }

        writer.WriteEndObject();
    }

    private static JsonElement? Member(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        JsonElement? found = null;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            found = property.Name.Equals(name, StringComparison.OrdinalIgnoreCase) ? property.Value : found;
        }

        return found;
    }

    private static JsonElement[] Items(JsonElement element, string name)
        => Member(element, name) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];

    private static string Text(JsonElement element, string name)
        => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
