using System.Globalization;
using System.Text;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/stats_glob</c>: the counters of all listeners together, <c>name:value</c> on a line each, as MOSN writes them. Any thread.</summary>
/// <param name="source">Where the counters are.</param>
internal sealed class StatsGlobHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/stats_glob";

    /// <inheritdoc/>
    public string Summary => "counters of all listeners together, name:value";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in StatsHandler.Collect(source)["downstream"]["proxy.global"])
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\n");
        }

        return new(AdminResponse.Text(text.ToString()));
    }
}
