using System.Text.Json;
using Outrider.Proxy.Logging;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>POST /api/v1/update_loglevel</c> with <c>{"log_path": "…", "log_level": "DEBUG"}</c>. Any thread.</summary>
/// <param name="source">Where the logs are.</param>
internal sealed class UpdateLogLevelHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/update_loglevel";

    /// <inheritdoc/>
    public string Method => "POST";

    /// <inheritdoc/>
    public string Summary => "{\"log_path\": \"stdout\", \"log_level\": \"DEBUG\"}";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        (string? path, string? name) = Read(request.Body);
        bool done = name is not null && LogLevelNames.TryParse(name, out Outrider.Filters.StreamLogLevel level)
            && source.ErrorLogs.TrySetLevel(path ?? "", level);
        return new(done ? AdminResponse.Text("update logger success\n") : AdminResponse.Error(400, "update logger failed"));
    }

    private static (string? Path, string? Level) Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return (Text(document.RootElement, "log_path"), Text(document.RootElement, "log_level"));
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private static string? Text(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
