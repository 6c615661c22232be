using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Jwt;

/// <summary>The message <c>RequirementRule</c>.</summary>
internal sealed class JwtRuleSettings
{
    /// <summary>Which requests. Required.</summary>
    [Required]
    public JwtMatchSettings? Match { get; set; }

    /// <summary>What they need; null for nothing.</summary>
    public JwtRequirementSettings? Requires { get; set; }

    /// <summary>What they need, by its name in <c>requirementMap</c>.</summary>
    public string RequirementName { get; set; } = "";
}
