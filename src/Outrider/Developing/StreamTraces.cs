using System.Collections.Concurrent;
using Outrider.Filters;

namespace Outrider.Developing;

/// <summary>The requests that are on their way, by the number of their streams; each is printed when it is over. Any thread.</summary>
internal sealed class StreamTraces(Action<string> print)
{
    private readonly ConcurrentDictionary<long, StreamTrace> _running = new();

    /// <summary>A filter joins its stream's.</summary>
    internal StreamTrace Join(StreamContext stream)
    {
        var trace = _running.GetOrAdd(stream.Id, static (_, stream) => new StreamTrace($"{stream.RequestHeaders.MethodString} {stream.RequestHeaders.PathString}"), stream);
        trace.Filters++;
        return trace;
    }

    /// <summary>A filter's life has ended.</summary>
    internal void Leave(StreamContext stream, StreamTrace trace)
    {
        trace.Status = stream.ResponseCode;
        if (--trace.Filters == 0 && _running.TryRemove(stream.Id, out _))
        {
            print(trace.ToString());
        }
    }
}
