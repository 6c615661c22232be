using System.Buffers;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyStreaming;

/// <summary>
/// Replaces a text in a response while it passes. A body of any length takes the same memory: at most the bytes that may be
/// the beginning of the text are kept from one piece to the next.
/// </summary>
[StreamFilter("rewrite", JsonContext = typeof(RewriteJson))]
public sealed class RewriteFilter(RewriteConfig config) : StreamFilter
{
    private readonly byte[] _kept = new byte[config.FindBytes.Length - 1];
    private int _keptLength;

    /// <summary>The length changes, so none may be announced.</summary>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        if (!endStream)
        {
            headers.Remove("content-length");
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
    {
        int length = _keptLength + data.Length;
        byte[] input = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        _kept.AsSpan(0, _keptLength).CopyTo(input);
        data.CopyTo(input.AsSpan(_keptLength));
        data.Clear();
        var rest = Rewrite(input.AsSpan(0, length), data);
        int keep = endStream ? 0 : BeginningAtTheEndOf(rest);
        data.Append(rest[..^keep]);
        rest[^keep..].CopyTo(_kept);
        _keptLength = keep;
        ArrayPool<byte>.Shared.Return(input);
        return FilterAction.Continue;
    }

    /// <summary>Trailers say that the body has ended: what was kept was no beginning of the text.</summary>
    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers, BodyBuffer body)
    {
        body.Append(_kept.AsSpan(0, _keptLength));
        _keptLength = 0;
        return FilterAction.Continue;
    }

    /// <summary>How many bytes at the end may be the beginning of the text: whether they are, the next piece tells.</summary>
    private int BeginningAtTheEndOf(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, _kept.Length);
        while (!bytes[^length..].SequenceEqual(config.FindBytes.AsSpan(0, length)))
        {
            length--;
        }

        return length;
    }

    /// <summary>Writes all up to the last occurrence, and returns what is behind it.</summary>
    private ReadOnlySpan<byte> Rewrite(ReadOnlySpan<byte> input, BodyBuffer output)
    {
        for (int at; (at = input.IndexOf(config.FindBytes)) >= 0; input = input[(at + config.FindBytes.Length)..])
        {
            output.Append(input[..at]);
            output.Append(config.ReplaceBytes);
        }

        return input;
    }
}
