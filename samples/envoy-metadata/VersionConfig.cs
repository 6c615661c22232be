using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyMetadata;

/// <summary>Which header decides: <c>{ "header": "x-version", "default": "v1" }</c>.</summary>
public sealed class VersionConfig : IValidatable
{
    /// <summary>The request's header. Default <c>x-version</c>.</summary>
    public string Header { get; set; } = "x-version";

    /// <summary>What a request without it gets. Default <c>v1</c>.</summary>
    public string Default { get; set; } = "v1";

    /// <inheritdoc/>
    public void Validate()
    {
        if (!HeaderSyntax.IsToken(Encoding.UTF8.GetBytes(Header)))
        {
            throw new FilterConfigurationException("$.header", $"'{Header}' is not a header name");
        }
    }
}
