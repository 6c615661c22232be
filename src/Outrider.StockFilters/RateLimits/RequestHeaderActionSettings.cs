using System.ComponentModel.DataAnnotations;
using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.RequestHeaders</c>.</summary>
internal sealed class RequestHeaderActionSettings
{
    /// <summary>The header; <c>:path</c>, <c>:method</c>, <c>:authority</c> and <c>:scheme</c> too. Required.</summary>
    [Required]
    public string HeaderName { get; set; } = "";

    /// <summary>The entry's key. Required.</summary>
    [Required]
    public string DescriptorKey { get; set; } = "";

    /// <summary>Does a request without the header have the descriptor, without this entry? Default false: it has none.</summary>
    public bool SkipIfAbsent { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal DescriptorStep Compile(string path)
    {
        switch (HeaderName.ToLowerInvariant())
        {
            case ":path":
                return (in source, descriptor) => descriptor.Add(DescriptorKey, Text(source.Headers.Path));
            case ":method":
                return (in source, descriptor) => descriptor.Add(DescriptorKey, Text(source.Headers.Method));
            case ":authority" or "host":
                return (in source, descriptor) => descriptor.Add(DescriptorKey, Text(source.Headers.Authority));
            case ":scheme":
                return (in source, descriptor) => descriptor.Add(DescriptorKey, Text(source.Headers.Scheme));
            default:
                byte[] name = Matching.HeaderName.Read(path + ".headerName", HeaderName);
                return (in source, descriptor) => source.Headers.TryGetValue(name, out var value) ? descriptor.Add(DescriptorKey, Text(value)) : SkipIfAbsent;
        }
    }

    // Texts of protobuf are UTF-8, which headers need not be.
    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value);
}
