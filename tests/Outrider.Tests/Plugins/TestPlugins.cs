using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Outrider.Configuration;
using Outrider.Filters;
using Outrider.Plugins.Processes;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Plugins;

namespace Outrider.Tests.Plugins;

/// <summary>A host of plugins without a proxy around it.</summary>
internal sealed class TestPlugins : IAsyncDisposable
{
    private readonly PluginFolder _folder;
    private readonly ConcurrentQueue<string> _log = new();

    internal TestPlugins(PluginFolder folder) => _folder = folder;

    internal PluginHost Host { get; } = new();

    /// <summary>Everything that was told, a line each with its level.</summary>
    internal string Log => string.Join('\n', _log);

    /// <summary>Puts a configuration in force that names one plugin.</summary>
    internal async Task<IPlugin> UseAsync(string name, PluginOptions? options = null, string settings = "")
    {
        var generation = Begin(settings);
        var plugin = generation.Register(name, options);
        await generation.StartAsync();
        generation.Use();
        return plugin;
    }

    internal IPluginGeneration Begin(string settings = "")
    {
        string json = $$"""
            {"servers":[{"graceful_timeout":"3s"}],"plugin_dir":"{{_folder.Path}}","plugin":{"start_timeout":"60s","backoff":"10ms","max_backoff":"50ms"{{settings}} } }
            """;
        var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), Path.Combine(_folder.Path, "mosn.json")).Configuration;
        return Host.Begin(configuration, (level, message) => _log.Enqueue($"{level}: {message}"));
    }

    /// <summary>The answer of the admin page.</summary>
    internal async Task<string> AdminAsync(string key, string value)
    {
        var response = await Host.AdminPages[0].HandleAsync(new AdminRequest("GET", "/api/v1/plugin", [KeyValuePair.Create(key, value)], default));
        return string.Create(CultureInfo.InvariantCulture, $"{response.Status} {Encoding.UTF8.GetString(response.Body.Span)}");
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
