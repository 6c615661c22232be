using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Matching;

/// <summary>Reads names of headers from configurations.</summary>
internal static class HeaderName
{
    /// <summary>The name's bytes.</summary>
    /// <exception cref="FilterConfigurationException">It is missing, or no token.</exception>
    internal static byte[] Read(string path, string? name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name ?? "");
        return HeaderSyntax.IsToken(bytes) ? bytes
            : throw new FilterConfigurationException(path, string.IsNullOrEmpty(name) ? "a header's name is needed" : $"'{name}' is not a header's name");
    }

    /// <summary>As <see cref="Read"/>, for a header that a filter sets or removes.</summary>
    /// <exception cref="FilterConfigurationException">It is missing, no token, or the connection's own.</exception>
    internal static byte[] ReadWritable(string path, string? name)
    {
        byte[] bytes = Read(path, name);
        return !HeaderSyntax.IsConnections(bytes) && !name!.Equals("content-length", StringComparison.OrdinalIgnoreCase) ? bytes
            : throw new FilterConfigurationException(path, $"'{name}' belongs to the connection and is written by the proxy");
    }
}
