using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>The rest of an upstream's body of which the client gets nothing, because a filter gave the response a status that has none (RFC 9110 §6.4.1).</summary>
internal sealed class UnwantedRest(StreamRecord record, ResponsePath response)
{
    // A stream is used again with another number.
    private readonly long _id = record.Id;

    /// <summary>Waits for it no longer, if the stream lives.</summary>
    internal void Cut()
    {
        if (record.Id == _id)
        {
            response.EndWithoutRest();
        }
    }
}
