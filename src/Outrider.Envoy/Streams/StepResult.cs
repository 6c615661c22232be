namespace Outrider.Envoy.Streams;

/// <summary>What became of one step of a message's way through the filter.</summary>
internal enum StepResult
{
    /// <summary>The filter is done with it: on to the next.</summary>
    Continue,

    /// <summary>The filter is being waited for.</summary>
    Waiting,

    /// <summary>The filter wants the whole message, of which more is to come.</summary>
    Collecting,

    /// <summary>The message goes no further: it was answered, the filter failed, or the stream has ended.</summary>
    Closed,
}
