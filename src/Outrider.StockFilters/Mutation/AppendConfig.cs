using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Mutation;

/// <summary>A header, and what is done where there is one of its name.</summary>
public sealed class AppendConfig
{
    /// <summary>The header. Required.</summary>
    [Required]
    public HeaderValueConfig? Header { get; set; }

    /// <summary>What is done with what is there. Default <see cref="AppendAction.AppendIfExistsOrAdd"/>, as Envoy's.</summary>
    public AppendAction AppendAction { get; set; }
}
