using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Auth;

/// <summary>A key, and whose it is.</summary>
public sealed class ApiKeyCredentialConfig
{
    /// <summary>The key. Required.</summary>
    [Required]
    public string? Key { get; set; }

    /// <summary>A name for whoever has it. Several keys may be one client's. Required.</summary>
    [Required]
    public string? Client { get; set; }
}
