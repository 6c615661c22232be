using System.Text.Json;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/config_dump</c>: the configuration in effect without its secrets, in the frame of Envoy's <c>admin.v3.ConfigDump</c>; what is in the frame is MOSN's JSON. Any thread.</summary>
/// <param name="source">Where the configuration is.</param>
internal sealed class EnvoyConfigDumpHandler(IAdminSource source) : IAdminHandler
{
    private static readonly JsonDocumentOptions s_lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <inheritdoc/>
    public string Path => "/config_dump";

    /// <inheritdoc/>
    public string Summary => "the configuration, in the frame of Envoy's";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        using var document = JsonDocument.Parse(source.Configuration, s_lenient);
        return new(AdminResponse.Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("configs");
            writer.WriteStartObject();
            writer.WriteString("@type", "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump");
            writer.WritePropertyName("bootstrap");
            RedactedJson.Write(writer, document.RootElement);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
    }
}
