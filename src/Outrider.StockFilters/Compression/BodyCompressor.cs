using System.IO.Compression;
using Outrider.Filters;

namespace Outrider.StockFilters.Compression;

/// <summary>Compresses a body piece by piece. What was written comes out at once, so that a response which comes slowly is not held up. On one thread.</summary>
internal sealed class BodyCompressor : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly Stream _stream;

    private BodyCompressor(ContentCoding coding, int level) => _stream = coding switch
    {
        ContentCoding.Brotli => new BrotliStream(_output, new BrotliCompressionOptions { Quality = BrotliQuality(level) }, leaveOpen: true),
        ContentCoding.Zstandard => new ZstdSharp.CompressionStream(_output, level, leaveOpen: true),
        _ => new GZipStream(_output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true),
    };

    /// <summary>Begins a body. Whoever begins one disposes of it.</summary>
    /// <param name="coding">The coding.</param>
    /// <param name="level">1 to 9, as zlib's.</param>
    internal static BodyCompressor Start(ContentCoding coding, int level) => new(coding, level);

    /// <summary>Compresses what the buffer holds, in its place.</summary>
    /// <param name="body">The piece.</param>
    /// <param name="isLast">The body ends with it.</param>
    internal void Compress(BodyBuffer body, bool isLast)
    {
        for (int i = 0; i < body.SliceCount; i++)
        {
            _stream.Write(body.GetSlice(i));
        }

        if (isLast)
        {
            _stream.Dispose();
        }
        else
        {
            _stream.Flush();
        }

        body.Replace(_output.GetBuffer().AsSpan(0, (int)_output.Length));
        _output.SetLength(0);
    }

    /// <summary>Gives back what the coding holds. After it nothing is compressed.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _output.Dispose();
    }

    // Brotli's 5 takes about as long as zlib's 6; its upper levels are for files that are compressed once.
    private static int BrotliQuality(int level) => Math.Clamp(level - 1, 1, 8);
}
