using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.Samples.DirectorySource;

/// <summary>The <c>config</c> of the configuration source <c>directory</c>.</summary>
public sealed class DirectoryConfig : IValidatable
{
    /// <summary>The directory; it need not exist yet.</summary>
    public string Path { get; set; } = "";

    /// <summary>How often it is looked at. Default 1 s.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public void Validate()
    {
        if (Path.Length == 0)
        {
            throw new FilterConfigurationException("$.path", "is missing and required");
        }

        if (Interval < TimeSpan.FromMilliseconds(10))
        {
            throw new FilterConfigurationException("$.interval", "wanted 10 ms or more");
        }
    }
}
