using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Listening;

namespace Outrider.Proxy.Listening;

/// <summary>The <c>config</c> of <c>proxy_protocol</c>.</summary>
internal sealed class ProxyProtocolOptions : IValidatable
{
    /// <summary>Who may say who the client is: addresses and ranges. Required: whoever is believed without being trusted can be anybody.</summary>
    public IReadOnlyList<string>? TrustedAddresses { get; set; }

    /// <summary>May a trusted peer's connection begin without a header? Default false: then it closes.</summary>
    public bool AllowRequestsWithoutProxyProtocol { get; set; }

    /// <summary>The ranges of <see cref="TrustedAddresses"/>.</summary>
    internal IReadOnlyList<AddressRange> Trusted { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        if (TrustedAddresses is not { Count: > 0 } addresses)
        {
            throw new FilterConfigurationException("$.trusted_addresses", "is missing and required: the addresses of the proxies that may say who the client is, such as [\"10.0.0.0/8\"]");
        }

        var ranges = new List<AddressRange>();
        for (int i = 0; i < addresses.Count; i++)
        {
            ranges.Add(AddressRange.Parse(addresses[i] ?? "") ?? throw new FilterConfigurationException($"$.trusted_addresses[{i}]", $"found \"{addresses[i]}\", wanted an address or a range, such as \"10.0.0.0/8\""));
        }

        Trusted = ranges;
    }
}
