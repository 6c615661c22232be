namespace Outrider.Proxy.Streams.Paths;

/// <summary>The rest of an upstream's body of which the client gets nothing, because a filter gave the response a status that has none (RFC 9110 §6.4.1).</summary>
internal sealed class UnwantedRest(ProxyStream stream)
{
    // A stream is used again with another number.
    private readonly long _id = stream.Id;

    /// <summary>Waits for it no longer, if the stream lives.</summary>
    internal void Cut()
    {
        if (stream.Id == _id)
        {
            stream.ResponsePath.EndWithoutRest();
        }
    }
}
