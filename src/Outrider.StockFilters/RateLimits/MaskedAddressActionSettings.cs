using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.MaskedRemoteAddress</c>.</summary>
internal sealed class MaskedAddressActionSettings
{
    /// <summary>How many bits of an IPv4 address count, 0 to 32. Default 32.</summary>
    [Range(0, 32)]
    public int V4PrefixMaskLen { get; set; } = 32;

    /// <summary>How many bits of an IPv6 address count, 0 to 128. Default 128.</summary>
    [Range(0, 128)]
    public int V6PrefixMaskLen { get; set; } = 128;

    /// <summary>The same, ready for use.</summary>
    internal DescriptorStep Compile()
        => (in source, descriptor) => ClientAddress.Of(source.Stream) is { } address && descriptor.Add("masked_remote_address", ClientAddress.Masked(address, V4PrefixMaskLen, V6PrefixMaskLen));
}
