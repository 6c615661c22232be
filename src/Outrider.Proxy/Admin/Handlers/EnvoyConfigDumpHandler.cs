using System.Text.Json;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>/config_dump</c>: the configuration in effect in the frame of Envoy's message <c>envoy.admin.v3.ConfigDump</c>: bootstrap, clusters, listeners and routes, each resource as this
/// proxy's own files have it, without its secrets. <c>?resource=static_clusters</c> and its like for one kind. Any thread.
/// </summary>
/// <param name="source">Where the configuration is.</param>
internal sealed class EnvoyConfigDumpHandler(IAdminSource source) : IAdminHandler
{
    private const string Admin = "type.googleapis.com/envoy.admin.v3.";

    private static readonly JsonDocumentOptions s_lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <inheritdoc/>
    public string Path => "/config_dump";

    /// <inheritdoc/>
    public string Summary => "the configuration in the frame of Envoy's; ?resource=static_clusters|static_listeners|static_route_configs|bootstrap";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        string? wanted = request.Query.FirstOrDefault(static pair => pair.Key == "resource").Value;
        if (wanted is not (null or "static_clusters" or "static_listeners" or "static_route_configs" or "bootstrap"))
        {
            return new(AdminResponse.Text($"{wanted} not found in config dump\n", 404));
        }

        using var document = JsonDocument.Parse(source.Configuration, s_lenient);
        var root = document.RootElement;
        return new(AdminResponse.Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("configs");
            if (wanted is null or "bootstrap")
            {
                writer.WriteStartObject();
                writer.WriteString("@type", Admin + "BootstrapConfigDump");
                writer.WritePropertyName("bootstrap");
                RedactedJson.Write(writer, root);
                writer.WriteEndObject();
            }

            Write(writer, wanted, "static_clusters", "ClustersConfigDump", "cluster", ConfigurationParts.Clusters(root));
            Write(writer, wanted, "static_listeners", "ListenersConfigDump", "listener", ConfigurationParts.Listeners(root));
            Write(writer, wanted, "static_route_configs", "RoutesConfigDump", "route_config", ConfigurationParts.Routers(root));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
    }

    // Where one kind is asked for, its resources are the dump; else they stand in a dump of their kind.
    private static void Write(Utf8JsonWriter writer, string? wanted, string field, string type, string name, IEnumerable<(string Name, JsonElement Value)> resources)
    {
        if (wanted is not null && wanted != field)
        {
            return;
        }

        if (wanted is null)
        {
            writer.WriteStartObject();
            writer.WriteString("@type", Admin + type);
            writer.WriteStartArray(field);
        }

        foreach (var (_, value) in resources)
        {
            writer.WriteStartObject();
            if (wanted is not null)
            {
                writer.WriteString("@type", $"{Admin}{type}.Static{(name == "route_config" ? "RouteConfig" : char.ToUpperInvariant(name[0]) + name[1..])}");
            }

            writer.WritePropertyName(name);
            RedactedJson.Write(writer, value);
            writer.WriteEndObject();
        }

        if (wanted is null)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }
}
