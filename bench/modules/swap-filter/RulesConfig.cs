using Outrider.Filters;

namespace Outrider.Bench.Modules;

/// <summary>What <see cref="RulesFilter"/> is configured with; read by reflection, as an extension without a source-generated context is.</summary>
public sealed class RulesConfig : IValidatable
{
    /// <summary>The header that says who asks.</summary>
    public string Header { get; set; } = "x-user";

    /// <summary>Who may, and what the upstream is told of each.</summary>
    public Dictionary<string, string> Roles { get; set; } = [];

    /// <summary>Headers of each response.</summary>
    public Dictionary<string, string> ResponseHeaders { get; set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        if (Roles.Count == 0)
        {
            throw new FilterConfigurationException("$.roles", "wanted at least one");
        }
    }
}
