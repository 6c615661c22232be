using Outrider.Filters;

namespace Outrider.Proxy.FilterChains;

/// <summary>A filter that holds calls open which only it can end, and so has to know when nobody waits for them any more. On the stream's loop.</summary>
internal interface IStreamObserver
{
    /// <summary>The stream is over, and what this filter still waits for will not come: it lets go of calls that have not ended.</summary>
    void OnStreamEnding();
}

/// <summary>A factory whose filters are <see cref="IStreamObserver"/>s.</summary>
internal interface IObservingFilterFactory : IStreamFilterFactory;
