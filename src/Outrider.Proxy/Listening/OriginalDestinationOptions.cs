using Outrider.Filters;

namespace Outrider.Proxy.Listening;

/// <summary>The <c>config</c> of <c>original_dst</c>.</summary>
internal sealed class OriginalDestinationOptions : IValidatable
{
    /// <summary>How connections come here: <c>redirect</c> (iptables REDIRECT, the default) or <c>tproxy</c>, where the socket's own address is the one wanted.</summary>
    public string? Type { get; set; }

    /// <summary>Is it TPROXY?</summary>
    internal bool IsTransparent => Type == "tproxy";

    /// <inheritdoc/>
    public void Validate()
    {
        if (Type is not (null or "" or "redirect" or "tproxy"))
        {
            throw new FilterConfigurationException("$.type", $"found \"{Type}\", wanted redirect or tproxy");
        }
    }
}
