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
                ConfigurationParts.WriteWithout(writer, root, "listeners", "routers", "clusters");
                break;
            case "allrouters":
                WriteAll(writer, ConfigurationParts.Routers(root));
                break;
            case "allclusters":
                WriteAll(writer, ConfigurationParts.Clusters(root));
                break;
            case "alllisteners":
                WriteAll(writer, ConfigurationParts.Listeners(root));
                break;
            case "router":
                WriteOne(writer, ConfigurationParts.Routers(root), value);
                break;
            case "cluster":
                WriteOne(writer, ConfigurationParts.Clusters(root), value);
                break;
            case "listener":
                WriteOne(writer, ConfigurationParts.Listeners(root), value);
                break;
        }
    }

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
}
