using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.Rbac;

/// <summary>The message <c>Permission.Set</c>.</summary>
internal sealed class PermissionSetSettings
{
    /// <summary>One at least.</summary>
    [Required]
    [ItemCount(1)]
    public PermissionSettings[]? Rules { get; set; }

    /// <summary>They, ready for use.</summary>
    internal RbacTest[] Compile(string path) => [.. Rules!.Select((rule, i) => rule.Compile($"{path}.rules[{i}]"))];
}
