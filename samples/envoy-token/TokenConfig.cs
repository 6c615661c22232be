using System.ComponentModel.DataAnnotations;
using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyToken;

/// <summary>The filter's configuration: <c>{ "secret": "…" }</c>.</summary>
public sealed class TokenConfig : IValidatable
{
    /// <summary>What a client must know to make a token. Required.</summary>
    [Required(ErrorMessage = "a secret is needed")]
    public string Secret { get; set; } = "";

    /// <summary>The same as bytes, so that a request costs no conversion.</summary>
    internal byte[] SecretBytes { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate() => SecretBytes = Encoding.UTF8.GetBytes(Secret);
}
