using System.Globalization;
using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Plugins;

/// <summary>How tests ask plugins.</summary>
internal static class PluginCalls
{
    /// <summary>For an answer that comes: after a start of the plugin's process, where it has to start first.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Tells the obedient plugin what to do.</summary>
    internal static async Task<PluginResponse> DoAsync(this IPlugin plugin, string order, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
        => await plugin.CallAsync(new PluginRequest { Type = order }, timeout ?? Patience, cancellationToken);

    internal static string Text(this PluginResponse response) => Encoding.UTF8.GetString(response.Body.Span);

    internal static async Task<int> PidAsync(this IPlugin plugin) => int.Parse((await plugin.DoAsync("pid")).Text(), CultureInfo.InvariantCulture);

    /// <summary>The failure of a call that must fail.</summary>
    internal static async Task<PluginException> FailureAsync(this Task<PluginResponse> call) => await Assert.ThrowsAsync<PluginException>(() => call);
}
