using System.Diagnostics;

namespace Outrider.Proxy.Streams.Records;

/// <summary>When what happened to a stream: timestamps of <see cref="Stopwatch"/>, 0 while it has not happened. A part of its record.</summary>
internal struct StreamTimes
{
    /// <summary>The first byte of the request came.</summary>
    internal long Started;

    /// <summary>The request went out to the upstream for the first time.</summary>
    internal long RequestSent;

    /// <summary>The upstream's head came.</summary>
    internal long ResponseReceived;

    /// <summary>Nothing more was to come, and nothing more to go.</summary>
    internal long Ended;

    /// <summary>What of the stream's time it did not wait for the upstream: up to the request's going out, and from the response's coming in. Once it has ended.</summary>
    internal readonly TimeSpan Process => Stopwatch.GetElapsedTime(Started, Ended)
        - (RequestSent == 0 || ResponseReceived == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(RequestSent, ResponseReceived));
}
