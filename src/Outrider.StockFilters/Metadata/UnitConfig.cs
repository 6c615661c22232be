using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Metadata;

/// <summary>What the driver <c>UNIT</c> is told.</summary>
public sealed class UnitConfig : IValidatable
{
    /// <summary>The request header with the user's number. Default, and in place of an empty one: <c>userid</c>.</summary>
    public string UnitKey { get; set; } = "userid";

    /// <inheritdoc/>
    public void Validate()
    {
        UnitKey = string.IsNullOrEmpty(UnitKey) ? "userid" : UnitKey;
        if (!HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(UnitKey)))
        {
            throw new FilterConfigurationException("$.unit_key", $"'{UnitKey}' is not a header name");
        }
    }
}
