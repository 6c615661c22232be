using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Messages;

/// <summary>Reads headers of requests by Envoy's names, which has the request line among them.</summary>
internal static class RequestField
{
    /// <summary>What reads the header of that name: its values, null without one.</summary>
    /// <param name="path">Where the name stands.</param>
    /// <param name="name">The name.</param>
    /// <param name="between">Stands between values; a line feed is in none of them.</param>
    /// <exception cref="FilterConfigurationException">It is no name.</exception>
    internal static Func<RequestHeaders, string?> Reader(string path, string name, char between)
    {
        switch (name.ToLowerInvariant())
        {
            case ":path":
                return headers => headers.PathString;
            case ":method":
                return headers => headers.MethodString;
            case ":authority" or "host":
                return headers => headers.AuthorityString;
            case ":scheme":
                return headers => Encoding.Latin1.GetString(headers.Scheme);
            default:
                byte[] bytes = HeaderName.Read(path, name);
                return headers => Joined(headers, bytes, between);
        }
    }

    private static string? Joined(RequestHeaders headers, byte[] name, char between)
    {
        string? value = null;
        foreach (var field in headers)
        {
            if (Ascii.EqualsIgnoreCase(field.Name, name))
            {
                string one = Encoding.Latin1.GetString(field.Value);
                value = value is null ? one : value + between + one;
            }
        }

        return value;
    }
}
