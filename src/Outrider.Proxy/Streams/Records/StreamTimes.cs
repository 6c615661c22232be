using System.Diagnostics;

namespace Outrider.Proxy.Streams.Records;

/// <summary>When what happened to a stream: timestamps of <see cref="Stopwatch"/>, 0 while it has not happened. A part of its record.</summary>
internal struct StreamTimes
{
    // Linux has nanoseconds.
    private static readonly long s_perMicrosecond = Math.Max(1, Stopwatch.Frequency / 1_000_000);

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

    /// <summary>How long the stream waited for the upstream, from the request's going out to the response's coming in; 0 where one of them has not happened.</summary>
    internal readonly long UpstreamMicroseconds => RequestSent == 0 || ResponseReceived == 0 ? 0 : Microseconds(RequestSent, ResponseReceived);

    /// <summary>Microseconds from one timestamp to another. In whole numbers: each stream asks.</summary>
    internal static long Microseconds(long from, long to) => (to - from) / s_perMicrosecond;
}
