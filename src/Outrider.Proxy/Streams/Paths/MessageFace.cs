using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>How filters see the messages of one direction: which of their methods take which part. Lives with its stream.</summary>
internal abstract class MessageFace
{
    /// <summary>Is it that of responses?</summary>
    internal abstract bool IsResponse { get; }

    /// <summary>The method of this direction for a part of the message.</summary>
    internal abstract StreamFilterMethods MethodOf(FilterWork work);

    /// <summary>Shows a filter the head.</summary>
    internal abstract ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream);

    /// <summary>Shows a filter the whole message.</summary>
    internal abstract ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyHold body, bool hasTrailers);

    /// <summary>Shows a filter a piece of the body.</summary>
    internal abstract ValueTask<FilterAction> CallData(StreamFilter filter, BodyHold data, bool endStream);

    /// <summary>Shows a filter the trailers.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="body">Takes what the filter adds to the body before them.</param>
    internal abstract ValueTask<FilterAction> CallTrailers(StreamFilter filter, BodyHold body);
}
