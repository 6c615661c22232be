using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.GenericKey</c>.</summary>
internal sealed class GenericKeyActionSettings
{
    /// <summary>The entry's value. Required.</summary>
    public string DescriptorValue { get; set; } = "";

    /// <summary>The entry's key. Default, and empty: <c>generic_key</c>.</summary>
    public string DescriptorKey { get; set; } = "";

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">The value is missing.</exception>
    internal DescriptorStep Compile(string path)
    {
        ActionKey.Validate(path + ".descriptorValue", DescriptorValue);
        string key = DescriptorKey.Length > 0 ? DescriptorKey : "generic_key";
        return (in _, descriptor) => descriptor.Add(key, DescriptorValue);
    }
}
