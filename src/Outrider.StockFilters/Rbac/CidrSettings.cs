using System.Globalization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>CidrRange</c>.</summary>
internal sealed class CidrSettings
{
    /// <summary>The network's address. Required.</summary>
    public string AddressPrefix { get; set; } = "";

    /// <summary>How many of its bits count. Default 0: every address, as in Envoy.</summary>
    public int PrefixLen { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">It is none.</exception>
    internal AddressSet Read(string path)
    {
        try
        {
            return new AddressSet(path, [string.Create(CultureInfo.InvariantCulture, $"{AddressPrefix}/{PrefixLen}")]);
        }
        catch (FilterConfigurationException e)
        {
            throw new FilterConfigurationException(path, e.Message, e);
        }
    }
}
