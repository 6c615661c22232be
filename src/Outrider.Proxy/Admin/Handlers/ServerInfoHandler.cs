using System.Diagnostics;
using System.Globalization;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/server_info</c>: version, state and age of the process, in the form of Envoy's <c>admin.v3.ServerInfo</c>. Any thread.</summary>
/// <param name="source">Where they are.</param>
internal sealed class ServerInfoHandler(IAdminSource source) : IAdminHandler
{
    private const int Running = 6, Stopping = 8;

    /// <inheritdoc/>
    public string Path => "/server_info";

    /// <inheritdoc/>
    public string Summary => "version, state and age, as Envoy's";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request) => new(AdminResponse.Json(writer =>
    {
        using var process = Process.GetCurrentProcess();
        string age = string.Create(CultureInfo.InvariantCulture, $"{(long)(DateTime.Now - process.StartTime).TotalSeconds}s");
        writer.WriteStartObject();
        writer.WriteString("version", source.Version);
        writer.WriteString("state", source.State >= Stopping ? "DRAINING" : source.State == Running ? "LIVE" : "INITIALIZING");
        writer.WriteString("uptime_current_epoch", age);
        writer.WriteString("uptime_all_epochs", age);
        writer.WriteString("hot_restart_version", "disabled");
        writer.WriteEndObject();
    }));
}
