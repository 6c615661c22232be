using Outrider.Filters;

namespace Outrider.Proxy.FilterChains;

/// <summary>A filter that is told what happens to its stream outside of its own methods. On the stream's loop.</summary>
internal interface IStreamObserver
{
    /// <summary>The proxy or a filter, this one included, answers in the place of the upstream. False: rather end the stream without an answer.</summary>
    bool OnLocalReply(int status, string? details);

    /// <summary>The client takes no more for now.</summary>
    void OnClientBlocked();

    /// <summary>The client has taken everything.</summary>
    void OnClientWritten();

    /// <summary>The stream is over, and what this filter still waits for will not come: it lets go of calls that have not ended.</summary>
    void OnStreamEnding();
}

/// <summary>A factory whose filters are <see cref="IStreamObserver"/>s.</summary>
internal interface IObservingFilterFactory : IStreamFilterFactory;
