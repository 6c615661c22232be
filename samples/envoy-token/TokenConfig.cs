using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyToken;

/// <summary>The filter's configuration: <c>{ "secret": "…" }</c>.</summary>
public sealed class TokenConfig : IValidatable
{
    /// <summary>What a client must know to make a token. Required.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The same as bytes, so that a request costs no conversion.</summary>
    internal byte[] SecretBytes { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        if (string.IsNullOrEmpty(Secret))
        {
            throw new FilterConfigurationException("$.secret", "a secret is needed");
        }

        SecretBytes = Encoding.UTF8.GetBytes(Secret);
    }
}
