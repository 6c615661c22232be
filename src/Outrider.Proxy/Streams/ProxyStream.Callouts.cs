using Outrider.Filters;

namespace Outrider.Proxy.Streams;

/// <summary>Requests that filters of this stream make to clusters.</summary>
internal sealed partial class ProxyStream
{
    private StreamCallouts? _callouts;
    private StreamedCalls? _calls;

    /// <summary>Filters' requests that are sent and answered piece by piece.</summary>
    internal StreamedCalls Calls => _calls ??= new(this);

    /// <summary>Asks a cluster.</summary>
    /// <exception cref="CalloutException">It cannot be asked.</exception>
    /// <exception cref="InvalidOperationException">This is not the stream's thread.</exception>
    internal Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken)
    {
        if (!Loop.IsCurrent)
        {
            throw new InvalidOperationException("a callout starts on its stream's own thread: without ConfigureAwait(false)");
        }

        return _ended ? Task.FromCanceled<CalloutResponse>(new CancellationToken(canceled: true)) : (_callouts ??= new(this)).StartAsync(callout, cancellationToken);
    }
}
