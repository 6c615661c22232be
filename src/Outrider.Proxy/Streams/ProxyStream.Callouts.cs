using Outrider.Filters;

namespace Outrider.Proxy.Streams;

/// <summary>Requests that filters of this stream make to clusters.</summary>
internal sealed partial class ProxyStream
{
    private StreamCallouts? _callouts;
    private StreamedCalls? _calls;

    /// <summary>Filters' requests that are sent and answered piece by piece.</summary>
    internal StreamedCalls Calls => _calls ??= new(this);

    /// <summary>Sends copies of a request to a cluster.</summary>
    /// <exception cref="CalloutException">There is no such cluster.</exception>
    internal CalloutCopies OpenCopies(Callout callout, int count) => (_callouts ??= new(this)).Copy(callout, count);

    /// <summary>Asks a cluster.</summary>
    /// <exception cref="CalloutException">It cannot be asked.</exception>
    /// <exception cref="InvalidOperationException">This is not the stream's thread.</exception>
    internal Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken)
    {
        ThrowUnlessOnLoop();
        return _ended ? Task.FromCanceled<CalloutResponse>(new CancellationToken(canceled: true)) : (_callouts ??= new(this)).StartAsync(callout, cancellationToken);
    }

    /// <summary>Asks a cluster piece by piece.</summary>
    /// <exception cref="CalloutException">It cannot be asked.</exception>
    /// <exception cref="InvalidOperationException">This is not the stream's thread.</exception>
    /// <exception cref="OperationCanceledException">The stream has ended.</exception>
    internal CalloutStream OpenCallout(Callout callout)
    {
        ThrowUnlessOnLoop();
        return _ended ? throw new OperationCanceledException("the stream has ended", Aborted) : (_callouts ??= new(this)).Open(callout);
    }

    private void ThrowUnlessOnLoop()
    {
        if (!Loop.IsCurrent)
        {
            throw new InvalidOperationException("a callout starts on its stream's own thread: without ConfigureAwait(false)");
        }
    }
}
