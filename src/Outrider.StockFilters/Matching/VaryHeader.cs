using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Matching;

/// <summary>Says which header of the request a response depends on, so that caches know (RFC 9110 §12.5.5).</summary>
internal static class VaryHeader
{
    /// <summary>Adds a name to <c>vary</c>, unless it is there, or all are by <c>*</c>.</summary>
    internal static void Add(ResponseHeaders headers, ReadOnlySpan<byte> name)
    {
        foreach (var field in headers)
        {
            if (Ascii.EqualsIgnoreCase(field.Name, "vary"u8) && Names(field.Value, name))
            {
                return;
            }
        }

        headers.Append("vary"u8, name);
    }

    private static bool Names(ReadOnlySpan<byte> list, ReadOnlySpan<byte> name)
    {
        foreach (var range in list.Split((byte)','))
        {
            var one = list[range].Trim(" \t"u8);
            if (one is [(byte)'*'] || Ascii.EqualsIgnoreCase(one, name))
            {
                return true;
            }
        }

        return false;
    }
}
