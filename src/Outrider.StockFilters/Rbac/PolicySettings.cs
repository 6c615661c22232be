using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>Policy</c>: it fits where one of the permissions and one of the principals do.</summary>
internal sealed class PolicySettings
{
    /// <summary>What may be done. Required.</summary>
    [Required]
    [ItemCount(1)]
    public PermissionSettings[]? Permissions { get; set; }

    /// <summary>By whom. Required.</summary>
    [Required]
    [ItemCount(1)]
    public PrincipalSettings[]? Principals { get; set; }

    /// <summary>The same, ready for use.</summary>
    internal RbacTest Compile(string path)
    {
        RbacTest[] permissions = [.. Permissions!.Select((one, i) => one.Compile($"{path}.permissions[{i}]"))];
        RbacTest[] principals = [.. Principals!.Select((one, i) => one.Compile($"{path}.principals[{i}]"))];
        return RbacTests.All([RbacTests.Any(permissions), RbacTests.Any(principals)]);
    }
}
