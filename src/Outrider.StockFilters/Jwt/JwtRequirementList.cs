using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.Jwt;

/// <summary>The messages <c>JwtRequirementOrList</c> and <c>JwtRequirementAndList</c>.</summary>
internal sealed class JwtRequirementList
{
    /// <summary>The requirements; two or more in Envoy, one or more here.</summary>
    [Required]
    [ItemCount(1)]
    public JwtRequirementSettings[]? Requirements { get; set; }
}
