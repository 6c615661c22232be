using System.Globalization;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/server_info</c>: version, state and uptime in the form of Envoy's message <c>envoy.admin.v3.ServerInfo</c>. Any thread.</summary>
/// <param name="source">Where they are.</param>
internal sealed class ServerInfoHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/server_info";

    /// <inheritdoc/>
    public string Summary => "version, state and uptime as Envoy says them";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request) => new(AdminResponse.Json(writer =>
    {
        string uptime = string.Create(CultureInfo.InvariantCulture, $"{(long)RuntimeMetrics.Read().Uptime.TotalSeconds}s");
        writer.WriteStartObject();
        writer.WriteString("version", "outrider/" + source.Version);
        writer.WriteString("state", source.State switch { 6 => "LIVE", 8 => "DRAINING", _ => "INITIALIZING" });
        writer.WriteString("hot_restart_version", "disabled");
        writer.WriteString("uptime_current_epoch", uptime);
        writer.WriteString("uptime_all_epochs", uptime);
        writer.WriteStartObject("command_line_options");
        writer.WriteNumber("concurrency", source.Stats.LoopCount);
        writer.WriteString("mode", "Serve");
        writer.WriteEndObject();
        writer.WriteStartObject("node");
        writer.WriteString("user_agent_name", "outrider");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }));
}
