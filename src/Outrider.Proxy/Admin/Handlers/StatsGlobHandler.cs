using System.Globalization;
using System.Text;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/stats_glob</c>: the counters of all listeners together under MOSN's names, one a line, <c>NAME:VALUE</c>. Any thread.</summary>
/// <param name="source">Where the counters are.</param>
internal sealed class StatsGlobHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/stats_glob";

    /// <inheritdoc/>
    public string Summary => "the counters of all listeners together, one a line";

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in (await MosnStats.CollectAsync(source).ConfigureAwait(false))["downstream"]["proxy.global"])
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\n");
        }

        return AdminResponse.Text(text.ToString());
    }
}
