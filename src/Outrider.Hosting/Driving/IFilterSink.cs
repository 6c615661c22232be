using Outrider.Filters;
using Outrider.Hosting.Calls;

namespace Outrider.Hosting.Driving;

/// <summary>
/// What a driver knows of its base: how to call the filter with what the base has, what is special to this message, and where to say
/// how it went. A struct at the base, so that no step costs an interface call. Everything on the stream's loop.
/// </summary>
internal interface IFilterSink
{
    /// <summary>Does nothing of the message go on any more, whatever the filter says?</summary>
    bool IsClosed { get; }

    /// <summary>Is all of the message here, so that a filter that asks for all of it can be called at once?</summary>
    bool IsWhole { get; }

    /// <summary>Can all of the message be waited for, or is it one that has no end (a tunnel)?</summary>
    bool CanCollect { get; }

    /// <summary>Is it a response?</summary>
    bool IsResponse { get; }

    /// <summary>Where the filter runs.</summary>
    ReceiverPhase Phase { get; }

    /// <summary>The call of this direction that may be under way.</summary>
    FilterCall Pending { get; }

    /// <summary>Does the filter have a method for this work?</summary>
    bool Overrides(FilterWork work);

    /// <summary>The filter, which is about to be called.</summary>
    StreamFilter Enter();

    /// <summary>The call has returned.</summary>
    void Leave();

    /// <summary>Calls the filter's method with what the base has.</summary>
    /// <param name="filter">What <see cref="Enter"/> gave.</param>
    /// <param name="work">Which method.</param>
    /// <param name="endStream">Nothing of the message follows.</param>
    ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream);

    /// <summary>The call has not ended with its return.</summary>
    void OnWaits();

    /// <summary>A call that was waited for has ended.</summary>
    /// <param name="failure">What it threw; null where it answered.</param>
    /// <returns>True where the stream still lives, so that this counts.</returns>
    bool OnResumed(Exception? failure);

    /// <summary>Can this answer still take the place of the upstream's?</summary>
    bool MayReply(FilterAction answer);

    /// <summary>The filter's answer takes the place of the upstream's. The stream may be over when this returns.</summary>
    void Reply(FilterAction answer);

    /// <summary>The stream ends without an answer.</summary>
    void Terminate();

    /// <summary>The filter threw, or answered what it may not: its stream fails.</summary>
    void Fail(Exception e);
}
