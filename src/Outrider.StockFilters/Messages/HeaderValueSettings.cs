using System.ComponentModel.DataAnnotations;
using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>HeaderValue</c>: a text as it stands.</summary>
internal sealed class HeaderValueSettings
{
    /// <summary>The header's name. Required.</summary>
    [Required]
    public string Key { get; set; } = "";

    /// <summary>Its value.</summary>
    public string Value { get; set; } = "";

    /// <exception cref="FilterConfigurationException">It is no header that can be set.</exception>
    internal void Validate(string path)
    {
        _ = HeaderName.ReadWritable(path + ".key", Key);
        if (!HeaderSyntax.IsValue(Encoding.UTF8.GetBytes(Value)) || Value.Any(c => c > '\u00FF'))
        {
            throw new FilterConfigurationException(path + ".value", "holds a control character, or one above U+00FF");
        }
    }
}
