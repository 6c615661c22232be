using System.ComponentModel.DataAnnotations;
using System.Text;
using Outrider.Filters;

namespace OutriderFilter1;

/// <summary>The filter's configuration: <c>{ "header": "user", "value": "admin" }</c>.</summary>
public sealed class FilterConfig : IValidatable
{
    /// <summary>The request's header. Required.</summary>
    public string Header { get; set; } = "";

    /// <summary>What it must say. Required.</summary>
    [Required]
    public string Value { get; set; } = "";

    /// <summary>The same as bytes, so that a request costs no conversion.</summary>
    internal byte[] HeaderBytes { get; private set; } = [];

    /// <summary>The same as bytes.</summary>
    internal byte[] ValueBytes { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        HeaderBytes = Encoding.UTF8.GetBytes(Header);
        ValueBytes = Encoding.UTF8.GetBytes(Value);
        if (!HeaderSyntax.IsToken(HeaderBytes))
        {
            throw new FilterConfigurationException("$.header", $"'{Header}' is not a header name");
        }
    }
}
