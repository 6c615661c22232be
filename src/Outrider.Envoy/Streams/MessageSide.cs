using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>What is special to one direction: its head, its methods of the filter, what may follow, and how Envoy is told to go on.</summary>
internal abstract class MessageSide(EnvoyLink link)
{
    /// <summary>Is it the response?</summary>
    internal abstract bool IsResponse { get; }

    /// <summary>The head.</summary>
    internal abstract HeaderMap Head { get; }

    /// <summary>Has the filter set the head's <c>content-length</c>?</summary>
    internal abstract bool LengthIsGiven { get; }

    /// <summary>Has the filter neither set <c>content-length</c> nor changed what tells whether a body may follow: the status, or the method of the request?</summary>
    internal abstract bool IsAsItCame { get; }

    /// <summary>May a message that came with a body have one, by its status alone?</summary>
    internal abstract bool MayCarryBody { get; }

    /// <summary>Can the whole message be waited for, or is it one that has no end?</summary>
    internal abstract bool CanCollect { get; }

    /// <summary>What may follow the head as it is now.</summary>
    internal abstract ResponseContent Content { get; }

    /// <summary>Would Envoy send the end of a chunked body where there is no body and no length?</summary>
    internal abstract bool NeedsLength { get; }

    /// <summary>Which trailers are this direction's.</summary>
    internal abstract HeaderMapKind TrailersKind { get; }

    private protected EnvoyLink Link => link;

    /// <summary>Can this filter have changed where the message ends, though it does not see the head?</summary>
    internal abstract bool MayEndOtherwise(StreamFilterMethods methods);

    /// <summary>The method of this direction for a part of the message.</summary>
    internal abstract StreamFilterMethods MethodOf(FilterWork work);

    /// <summary>Tells Envoy to go on. It may come back into this module, for this stream, before this returns.</summary>
    internal abstract void Continue();

    /// <summary>What the client is told where more has been collected than may be.</summary>
    internal abstract (int Status, string Text) TooLarge();

    internal abstract ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream);

    internal abstract ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers);

    internal abstract ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream);

    internal abstract ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers, BodyBuffer body);

    /// <summary>Makes ready for another stream.</summary>
    internal abstract void Reset();
}
