using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.MaskedRemoteAddress</c>.</summary>
internal sealed class MaskedAddressActionSettings
{
    /// <summary>How many bits of an IPv4 address count, 0 to 32. Default 32.</summary>
    public int V4PrefixMaskLen { get; set; } = 32;

    /// <summary>How many bits of an IPv6 address count, 0 to 128. Default 128.</summary>
    public int V6PrefixMaskLen { get; set; } = 128;

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">A length is none.</exception>
    internal DescriptorStep Compile(string path)
    {
        if (V4PrefixMaskLen is < 0 or > 32)
        {
            throw new FilterConfigurationException(path + ".v4PrefixMaskLen", $"found {V4PrefixMaskLen}, wanted 0 to 32");
        }

        if (V6PrefixMaskLen is < 0 or > 128)
        {
            throw new FilterConfigurationException(path + ".v6PrefixMaskLen", $"found {V6PrefixMaskLen}, wanted 0 to 128");
        }

        return (in source, descriptor) => ClientAddress.Of(source.Stream) is { } address && descriptor.Add("masked_remote_address", ClientAddress.Masked(address, V4PrefixMaskLen, V6PrefixMaskLen));
    }
}
