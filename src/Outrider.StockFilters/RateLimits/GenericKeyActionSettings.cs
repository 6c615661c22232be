using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.GenericKey</c>.</summary>
internal sealed class GenericKeyActionSettings
{
    /// <summary>The entry's value. Required.</summary>
    [Required]
    public string DescriptorValue { get; set; } = "";

    /// <summary>The entry's key. Default, and empty: <c>generic_key</c>.</summary>
    public string DescriptorKey { get; set; } = "";

    /// <summary>The same, ready for use.</summary>
    internal DescriptorStep Compile()
    {
        string key = DescriptorKey.Length > 0 ? DescriptorKey : "generic_key";
        return (in _, descriptor) => descriptor.Add(key, DescriptorValue);
    }
}
