using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.Rbac;

/// <summary>The message <c>Principal.Set</c>.</summary>
internal sealed class PrincipalSetSettings
{
    /// <summary>One at least.</summary>
    [Required]
    [ItemCount(1)]
    public PrincipalSettings[]? Ids { get; set; }

    /// <summary>They, ready for use.</summary>
    internal RbacTest[] Compile(string path) => [.. Ids!.Select((id, i) => id.Compile($"{path}.ids[{i}]"))];
}
