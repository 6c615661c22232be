using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.Plugins.Certificates;

/// <summary>The <c>extend_verify</c> of a <c>tls_context</c> of type <c>loader</c>. Set by the JSON reader alone, which would not keep the defaults of init-only properties.</summary>
internal sealed class LoaderConfig : IValidatable
{
    /// <summary>The name of an executable in the plugin folder. Default <c>loader</c>.</summary>
    public string Plugin { get; set; } = "loader";

    /// <summary>Its arguments.</summary>
    public string[] Args { get; set; } = [];

    /// <summary>How long an answer may take once the plugin runs, as Go writes durations. Default 5 s.</summary>
    public string Timeout { get; set; } = "5s";

    /// <summary>How long the plugin may take until it runs, at the start and at a reload, as Go writes durations. Default: the <c>start_timeout</c> of all plugins.</summary>
    public string? StartTimeout { get; set; }

    /// <summary>How often the plugin is asked for something newer, as Go writes durations. Default one minute.</summary>
    public string Refresh { get; set; } = "1m";

    [JsonIgnore]
    internal TimeSpan Time { get; private set; }

    [JsonIgnore]
    internal TimeSpan? StartTime { get; private set; }

    [JsonIgnore]
    internal TimeSpan Interval { get; private set; }

    public void Validate()
    {
        Time = Duration("timeout", Timeout);
        StartTime = StartTimeout is null ? null : Duration("start_timeout", StartTimeout);
        Interval = Duration("refresh", Refresh);
        if (string.IsNullOrEmpty(Plugin) || Args is null || Args.Any(arg => arg is null))
        {
            throw new FilterConfigurationException("$", "wanted a name as \"plugin\" and an array of strings as \"args\"");
        }
    }

    private static TimeSpan Duration(string key, string text)
        => text is not null && GoDuration.TryParse(text, out var time) && time > TimeSpan.Zero && time.TotalMilliseconds <= int.MaxValue
            ? time
            : throw new FilterConfigurationException("$." + key, $"{key}: found \"{text}\", wanted a duration greater than zero such as \"5s\"");
}
