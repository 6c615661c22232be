using System.Globalization;

namespace Outrider.Configuration.Model;

/// <summary>Ports from the first to the last, both included.</summary>
/// <param name="First">1 to 65535.</param>
/// <param name="Last"><paramref name="First"/> to 65535.</param>
internal readonly record struct PortRange(int First, int Last)
{
    /// <summary>Is the port one of them?</summary>
    public bool Contains(int port) => port >= First && port <= Last;

    /// <summary>Reads a list as MOSN writes it, <c>80,8000-8010</c>. Null when it is none; empty for an empty text.</summary>
    public static IReadOnlyList<PortRange>? ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<PortRange> ranges = [];
        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int dash = item.IndexOf('-', StringComparison.Ordinal);
            if (!TryPort(dash < 0 ? item : item[..dash], out int first) || !TryPort(dash < 0 ? item : item[(dash + 1)..], out int last) || last < first)
            {
                return null;
            }

            ranges.Add(new PortRange(first, last));
        }

        return ranges;
    }

    private static bool TryPort(string text, out int port)
        => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
