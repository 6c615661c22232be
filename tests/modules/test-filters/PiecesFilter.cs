using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Makes letters large, piece by piece, in both directions; waits <c>x-pause</c> milliseconds over each.</summary>
[StreamFilter("pieces")]
public sealed class PiecesFilter : StreamFilter
{
    private int _pause;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        _pause = int.Parse(headers.GetString("x-pause") ?? "0", null);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) => EnlargeAsync(data);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => EnlargeAsync(data);

    private async ValueTask<FilterAction> EnlargeAsync(BodyBuffer data)
    {
        if (_pause > 0)
        {
            await Task.Delay(_pause, Stream.Aborted);
        }

        var bytes = data.ToArray();
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = bytes[i] is >= (byte)'a' and <= (byte)'z' ? (byte)(bytes[i] - 32) : bytes[i];
        }

        data.Replace(bytes);
        return FilterAction.Continue;
    }
}
