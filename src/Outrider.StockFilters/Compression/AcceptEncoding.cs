using System.Globalization;
using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Compression;

/// <summary>Chooses among codings what a client likes best (RFC 9110 §12.5.3).</summary>
internal static class AcceptEncoding
{
    /// <summary>The coding's name in headers.</summary>
    internal static string NameOf(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => "gzip",
        ContentCoding.Brotli => "br",
        ContentCoding.Zstandard => "zstd",
        _ => "identity",
    };

    /// <summary>The client's favourite of those that are offered; of equals the first. <see cref="ContentCoding.None"/> where it wants none of them, or none at all more.</summary>
    internal static ContentCoding Choose(HeaderMap headers, ReadOnlySpan<ContentCoding> offered)
    {
        if (!headers.Contains("accept-encoding"u8))
        {
            return ContentCoding.None;
        }

        var best = ContentCoding.None;
        double most = 0;
        foreach (var coding in offered)
        {
            double quality = QualityOf(headers, NameOf(coding)) ?? QualityOf(headers, "*") ?? 0;
            if (quality > most)
            {
                best = coding;
                most = quality;
            }
        }

        return most < (QualityOf(headers, "identity") ?? 0) ? ContentCoding.None : best;
    }

    // Null where the client says nothing of it.
    private static double? QualityOf(HeaderMap headers, string name)
    {
        double? found = null;
        foreach (var field in headers)
        {
            if (!Ascii.EqualsIgnoreCase(field.Name, "accept-encoding"u8))
            {
                continue;
            }

            foreach (var range in field.Value.Split((byte)','))
            {
                var entry = field.Value[range].Trim(" \t"u8);
                int end = entry.IndexOf((byte)';');
                var coding = (end < 0 ? entry : entry[..end]).Trim(" \t"u8);
                if (Ascii.EqualsIgnoreCase(coding, name) || name == "gzip" && Ascii.EqualsIgnoreCase(coding, "x-gzip"))
                {
                    found = Math.Max(found ?? 0, end < 0 ? 1 : WeightOf(entry[(end + 1)..]));
                }
            }
        }

        return found;
    }

    // What is no weight says that the coding is not wanted: rather too little than something that cannot be read.
    private static double WeightOf(ReadOnlySpan<byte> parameters)
    {
        parameters = parameters.Trim(" \t"u8);
        return parameters.Length > 2 && (parameters[0] | 0x20) == 'q' && parameters[1] == '='
            && double.TryParse(parameters[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double weight) && weight <= 1
            ? weight
            : 0;
    }
}
