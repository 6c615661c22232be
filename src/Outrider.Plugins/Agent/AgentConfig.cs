using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.Plugins.Agent;

/// <summary>The configuration of the stream filter <c>agent</c>. Set by the JSON reader alone, which would not keep the defaults of init-only properties.</summary>
internal sealed class AgentConfig : IValidatable
{
    private const string Headers = "headers";
    private const string BodyPart = "body";
    private const string Trailers = "trailers";
    private const string Target = "target";

    /// <summary>The name of an executable in the plugin folder.</summary>
    [Required(ErrorMessage = "is missing: the name of an executable in the plugin folder")]
    public string Plugin { get; set; } = "";

    /// <summary>Its arguments.</summary>
    public string[] Args { get; set; } = [];

    /// <summary>How many processes share the calls. Default 1.</summary>
    public int MaxProcs { get; set; } = 1;

    /// <summary>How long an answer may take, as Go writes durations. Default 1 s.</summary>
    public string Timeout { get; set; } = "1s";

    /// <summary>What happens to a request when there is no answer: <c>closed</c> (the default) refuses it with 503, <c>open</c> lets it pass.</summary>
    [AllowedValues("open", "closed")]
    public string FailureMode { get; set; } = "closed";

    /// <summary>What of a request is sent: <c>headers</c>, <c>body</c>, <c>trailers</c>, and <c>target</c> (<c>:method</c>, <c>:path</c>, <c>:scheme</c>, <c>:authority</c>). Default headers.</summary>
    [AllowedValues(Headers, BodyPart, Trailers, Target)]
    public string[] Send { get; set; } = [Headers];

    /// <summary>The largest body that is sent; a larger one is answered with 413. Default 65536 bytes.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBody { get; set; } = 65536;

    /// <summary>How many requests may wait for an answer; one more is treated as if the plugin had failed. Default 1024.</summary>
    [Range(1, int.MaxValue)]
    public int MaxInFlight { get; set; } = 1024;

    /// <summary>The largest message, either way. Default 4 MiB.</summary>
    [Range(1, int.MaxValue)]
    public int MaxMessage { get; set; } = 4 * 1024 * 1024;

    /// <summary>What the plugin sees as the kind of request. Default empty.</summary>
    public string Type { get; set; } = "";

    [JsonIgnore]
    internal TimeSpan Time { get; private set; }

    [JsonIgnore]
    internal bool IsOpen => FailureMode == "open";

    [JsonIgnore]
    internal bool SendsHeaders => Send.Contains(Headers);

    [JsonIgnore]
    internal bool SendsBody => Send.Contains(BodyPart);

    [JsonIgnore]
    internal bool SendsTrailers => Send.Contains(Trailers);

    [JsonIgnore]
    internal bool SendsTarget => Send.Contains(Target);

    public void Validate()
    {
        Check("args", Args is not null && Args.All(arg => arg is not null && !arg.Contains('\0')), "wanted an array of strings");
        Check("timeout", Timeout is not null && GoDuration.TryParse(Timeout, out var time) && (Time = time) > TimeSpan.Zero && time.TotalMilliseconds <= int.MaxValue,
            $"found \"{Timeout}\", wanted a duration greater than zero such as \"1s\" or \"500ms\"");
        Check("send", Send is not null, "wanted an array");
        Check("type", Type is not null, "wanted a string");
    }

    internal PluginOptions ToOptions() => new() { Arguments = Args, MaxProcs = MaxProcs, MaxInFlight = MaxInFlight, MaxMessageSize = MaxMessage };

    private static void Check(string key, bool holds, string message)
    {
        if (!holds)
        {
            throw new FilterConfigurationException("$." + key, message);
        }
    }
}
