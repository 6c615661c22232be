using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Access;

/// <summary>MOSN's: <c>{ "default_action": "allow", "header": "", "ips": [ { "action": "deny", "addrs": [ "10.0.0.0/8" ] } ] }</c>.</summary>
public sealed class IpAccessConfig : IValidatable, IMetricsUser
{
    /// <summary>What happens to a client that no list names, or whose address is not known: <c>allow</c> or <c>deny</c>. Default <c>allow</c>.</summary>
    [AllowedValues(IpAccessListConfig.Allow, IpAccessListConfig.Deny)]
    public string DefaultAction { get; set; } = IpAccessListConfig.Allow;

    /// <summary>The header that bears the client's address, which counts where it is not empty. Default, and empty: the stream's own, which the listener's <c>trusted_hops</c> may take from <c>x-forwarded-for</c>.</summary>
    public string Header { get; set; } = "";

    /// <summary>Ours: how many proxies in front of this one are trusted, where <see cref="Header"/> is a list as <c>x-forwarded-for</c> is: 0 takes its last address, 1 the one before it. 0 to 100. Default 0.</summary>
    [Range(0, 100)]
    public int TrustedHops { get; set; }

    /// <summary>Lists, in the order in which they are asked. Default: none.</summary>
    public IpAccessListConfig[]? Ips { get; set; }

    [JsonIgnore]
    internal byte[] HeaderBytes { get; private set; } = [];

    [JsonIgnore]
    internal FilterCounter Denied { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        HeaderBytes = string.IsNullOrEmpty(Header) ? [] : Matching.HeaderName.Read("$.header", Header);
        for (int i = 0; i < Ips?.Length; i++)
        {
            (Ips[i] ?? throw new FilterConfigurationException($"$.ips[{i}]", "wanted an object")).Validate($"$.ips[{i}]");
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Denied = metrics.CreateCounter("denied");
    }
}
