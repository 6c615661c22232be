using Outrider.Filters;

namespace Outrider.Tests.Tls;

/// <summary>A filter that tells what it sees of TLS.</summary>
internal sealed class TlsWitness(TaskCompletionSource<StreamTls?> seen, bool whenLogging) : StreamFilter
{
    /// <param name="seen">Gets what the first request's filter sees.</param>
    /// <param name="whenLogging">When the stream has ended, rather than at its beginning.</param>
    internal static IStreamFilterFactory Factory(TaskCompletionSource<StreamTls?> seen, bool whenLogging = false)
        => new StreamFilterFactory<TlsWitness>(() => new TlsWitness(seen, whenLogging));

    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (!whenLogging)
        {
            _ = seen.TrySetResult(Stream.DownstreamTls);
        }

        return FilterAction.Continue;
    }

    public override void OnLog()
    {
        if (whenLogging)
        {
            _ = seen.TrySetResult(Stream.DownstreamTls);
        }
    }
}
