using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.Samples.DirectorySource;

/// <summary>The <c>config</c> of the configuration source <c>directory</c>.</summary>
public sealed class DirectoryConfig
{
    /// <summary>The directory; it need not exist yet. Required.</summary>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>How often it is looked at, 10 ms to 24 days. Default 1 s.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    [DurationRange("10ms")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);
}
