using System.ComponentModel.DataAnnotations;
using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Messages;
using Outrider.StockFilters.Mutation;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>HeaderValueOption</c>, whose value is a text as it stands.</summary>
internal sealed class HeaderOptionSettings
{
    /// <summary>The header. Required.</summary>
    [Required]
    public HeaderValueSettings? Header { get; set; }

    /// <summary>What is done where it is there. Default <see cref="AppendAction.AppendIfExistsOrAdd"/>.</summary>
    public AppendAction AppendAction { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">It is no header that can be set.</exception>
    internal HeaderChange Read(string path)
    {
        var header = Header!;
        header.Validate(path + ".header");
        return new HeaderChange(header.Key, Encoding.Latin1.GetBytes(header.Value), AppendAction);
    }
}
