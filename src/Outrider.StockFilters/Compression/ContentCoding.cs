namespace Outrider.StockFilters.Compression;

/// <summary>A content coding (RFC 9110 §8.4.1; RFC 7932; RFC 8878).</summary>
internal enum ContentCoding
{
    /// <summary>None.</summary>
    None,

    /// <summary><c>gzip</c>.</summary>
    Gzip,

    /// <summary><c>br</c>.</summary>
    Brotli,

    /// <summary><c>zstd</c>.</summary>
    Zstandard,
}
