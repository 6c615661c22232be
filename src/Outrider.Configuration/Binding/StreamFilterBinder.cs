using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the entries of <c>stream_filters</c> and <c>listener_filters</c>.</summary>
internal static class StreamFilterBinder
{
    // MOSN's examples have it, and no version of MOSN's tree registers it any more.
    private const string HealthCheck = "healthcheck";

    /// <summary>The entry; null where it is none, or one that nobody misses.</summary>
    public static StreamFilterConfiguration? Bind(ObjectReader filter)
    {
        string? type = filter.RequiredText("type");
        // What a library is configured with is between it and its author.
        ConfigurationNode? config = filter.Take("library") is null & filter.Take("go_plugin_config") is null ? filter.Object("config")?.Node : filter.Take("config");
        if (type == HealthCheck)
        {
            filter.Object("config")?.Finish();
            filter.Excuse("type", "healthcheck is registered nowhere in MOSN any more: ignored, as MOSN does");
            filter.Finish();
            return null;
        }

        filter.Finish();
        return type is null ? null : new StreamFilterConfiguration { Type = type, Entry = filter.Node.ToValue(), ConfigValue = config?.ToValue() };
    }
}
