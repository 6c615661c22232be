using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>The message <c>Principal.Authenticated</c>.</summary>
internal sealed class AuthenticatedSettings
{
    /// <summary>The name. Default: any certificate.</summary>
    public StringMatcherSettings? PrincipalName { get; set; }
}
