using Outrider.Filters;

namespace Outrider.Samples.HealthChecker;

/// <summary>What <c>check_config</c> says.</summary>
public sealed class FileHealthCheckerConfig : IValidatable
{
    /// <summary>The folder of the files. Required.</summary>
    public string Folder { get; set; } = "";

    /// <inheritdoc/>
    public void Validate()
    {
        if (Folder.Length == 0)
        {
            throw new FilterConfigurationException("$.folder", "is missing and required");
        }
    }
}
