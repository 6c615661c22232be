using Outrider.Proxy.Logging;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/get_loglevel</c>: the error logs by path with their levels, as JSON. Any thread.</summary>
/// <param name="source">Where the logs are.</param>
internal sealed class GetLogLevelHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/get_loglevel";

    /// <inheritdoc/>
    public string Summary => "the error logs' levels";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request) => new(AdminResponse.Json(
        writer =>
        {
            writer.WriteStartObject();
            foreach ((string path, Outrider.Filters.StreamLogLevel level) in source.ErrorLogs.Levels)
            {
                writer.WriteString(path, LogLevelNames.Name(level));
            }

            writer.WriteEndObject();
        },
        indent: ""));
}
