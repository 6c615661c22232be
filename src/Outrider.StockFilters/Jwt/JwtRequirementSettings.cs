using System.Text.Json;

namespace Outrider.StockFilters.Jwt;

/// <summary>The message <c>JwtRequirement</c>: one of them.</summary>
internal sealed class JwtRequirementSettings
{
    /// <summary>A token of that provider.</summary>
    public string? ProviderName { get; set; }

    /// <summary>A token of that provider for one of these audiences, whatever those of the provider.</summary>
    public JwtAudiencesSettings? ProviderAndAudiences { get; set; }

    /// <summary>One of them.</summary>
    public JwtRequirementList? RequiresAny { get; set; }

    /// <summary>All of them.</summary>
    public JwtRequirementList? RequiresAll { get; set; }

    /// <summary>A token in order, or none.</summary>
    public JsonElement? AllowMissing { get; set; }

    /// <summary>Anything: tokens are only looked at.</summary>
    public JsonElement? AllowMissingOrFailed { get; set; }
}
