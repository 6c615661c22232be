namespace Outrider.Filters;

/// <summary>Makes the filters of one entry in one listener's <c>stream_filters</c>, one for each stream.</summary>
public interface IStreamFilterFactory
{
    /// <summary>Where the receiver side of these filters runs.</summary>
    ReceiverPhase Phase { get; }

    /// <summary>Which methods these filters override; the chain passes over the others.</summary>
    StreamFilterMethods Methods { get; }

    /// <summary>Makes a filter for one stream. Called on any loop's thread, from several at once.</summary>
    StreamFilter CreateFilter();
}
