using System.ComponentModel.DataAnnotations;

namespace Outrider.Samples.HealthChecker;

/// <summary>What <c>check_config</c> says.</summary>
public sealed class FileHealthCheckerConfig
{
    /// <summary>The folder of the files. Required.</summary>
    [Required]
    public string Folder { get; set; } = "";
}
