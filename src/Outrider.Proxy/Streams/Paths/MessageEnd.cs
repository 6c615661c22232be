using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>What a way through the filters (<see cref="FilterWalk"/>) does by its direction: where its steps lie, and what becomes of what has passed all filters.</summary>
internal abstract class MessageEnd
{
    /// <summary>Can the whole message be waited for, or is it one that has no end?</summary>
    internal abstract bool CanCollect { get; }

    /// <summary>Goes on with the head at the filter at <see cref="FilterWalk.Index"/>, and with what comes after all of them.</summary>
    internal abstract void Run();

    /// <summary>A filter's answer takes the place of the upstream's.</summary>
    internal abstract void ReplyFrom(int place, FilterAction answer);

    /// <summary>A filter wants the route to be matched again, or another host. True: go on with the filter behind it.</summary>
    internal abstract bool Route(Directive directive);

    /// <summary>A filter wants the whole message, of which more is to come.</summary>
    internal abstract void OnCollect();

    /// <summary>A filter that held the head back has changed it, and wants the route to be matched again.</summary>
    internal abstract void OnRouteCleared();

    /// <summary>More has been collected than may be.</summary>
    internal abstract void OnTooLarge();

    /// <summary>A piece of the body has passed all filters. Where the head has not been sent this is all of the body.</summary>
    internal abstract void Forward(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The trailers have passed all filters.</summary>
    internal abstract void ForwardTrailers();
}
