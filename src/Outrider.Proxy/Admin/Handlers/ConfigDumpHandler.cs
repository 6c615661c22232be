using System.Text.Json;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>/api/v1/config_dump</c>: the configuration in effect without its secrets, or the part that one parameter names, as in MOSN:
/// <c>mosnconfig</c>, <c>allrouters</c>, <c>allclusters</c>, <c>alllisteners</c>, <c>router=</c>, <c>cluster=</c>,
/// <c>listener=</c>. Any thread.
/// </summary>
/// <param name="source">Where the configuration is.</param>
internal sealed class ConfigDumpHandler(IAdminSource source) : IAdminHandler
{
    private static readonly JsonDocumentOptions s_lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <inheritdoc/>
    public string Path => "/api/v1/config_dump";

    /// <inheritdoc/>
    public string Summary => "the configuration; ?mosnconfig, ?allrouters, ?allclusters, ?alllisteners, ?router=NAME, ?cluster=NAME, ?listener=NAME for a part";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (request.Query.Count > 1)
        {
            return new(AdminResponse.Text("only support one parameter", 400));
        }

        (string key, string value) = request.Query.Count == 0 ? new("", "") : request.Query[0];
        using JsonDocument document = JsonDocument.Parse(source.Configuration, s_lenient);
        JsonElement root = document.RootElement;
        return new(IsKnown(key) ? AdminResponse.Json(writer => Write(writer, root, key, value))
            // MOSN's answer to a parameter that it does not know.
            : AdminResponse.Error(500, "internal error"));
    }

    private static bool IsKnown(string key) => key is "" or "mosnconfig" or "allrouters" or "allclusters" or "alllisteners" or "router" or "cluster" or "listener";

    private static void Write(Utf8JsonWriter writer, JsonElement root, string key, string value)
    {
        switch (key)
        {
            case "":
                RedactedJson.Write(writer, root);
                break;
            case "mosnconfig":
                WriteWithout(writer, root, "listeners", "routers", "clusters");
                break;
            case "allrouters":
                WriteAll(writer, Routers(root));
                break;
            case "allclusters":
                WriteAll(writer, Clusters(root));
                break;
            case "alllisteners":
                WriteAll(writer, Listeners(root));
                break;
            case "router":
                WriteOne(writer, Routers(root), value);
                break;
            case "cluster":
                WriteOne(writer, Clusters(root), value);
                break;
            case "listener":
                WriteOne(writer, Listeners(root), value);
                break;
        }
    }

    private static IEnumerable<(string Name, JsonElement Value)> Routers(JsonElement root)
        => Servers(root).SelectMany(static server => Items(server, "routers")).Select(static router => (Text(router, "router_config_name"), router));

    private static IEnumerable<(string Name, JsonElement Value)> Listeners(JsonElement root)
        => Servers(root).SelectMany(static server => Items(server, "listeners")).Select(static listener =>
            (Text(listener, "name") is { Length: > 0 } name ? name : Text(listener, "address"), listener));

    private static IEnumerable<(string Name, JsonElement Value)> Clusters(JsonElement root)
        => Member(root, "cluster_manager") is { } manager ? Items(manager, "clusters").Select(static cluster => (Text(cluster, "name"), cluster)) : [];

    private static JsonElement[] Servers(JsonElement root) => Items(root, "servers");

    private static void WriteAll(Utf8JsonWriter writer, IEnumerable<(string Name, JsonElement Value)> items)
    {
        writer.WriteStartObject();
        foreach ((string name, JsonElement value) in items)
        {
            writer.WritePropertyName(name);
            RedactedJson.Write(writer, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteOne(Utf8JsonWriter writer, IEnumerable<(string Name, JsonElement Value)> items, string name)
    {
        foreach ((string candidate, JsonElement value) in items)
        {
            if (candidate == name)
            {
                RedactedJson.Write(writer, value);
                return;
            }
        }

        writer.WriteStartObject();
        writer.WriteEndObject();
    }

    // The file without what has pages of its own; these stand one level below the root's members.
    private static void WriteWithout(Utf8JsonWriter writer, JsonElement root, params string[] names)
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

    // Keys are compared without case and the last one counts, as when the configuration is read.
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
