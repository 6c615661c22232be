using Outrider.Filters;
using Outrider.Proxy.Streams.Records;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Streams;

/// <summary>Counts the streams of one listener on one loop: in the loop's numbers, and in the listener's own.</summary>
internal sealed class StreamTraffic(LoopStats loop, ListenerLoopStats listener)
{
    internal void Began()
    {
        loop.StreamsTotal++;
        loop.StreamsActive++;
        listener.RequestsTotal++;
        listener.RequestsActive++;
    }

    /// <summary>A request that the codec refused, and that so never became a stream's.</summary>
    internal void Refused(StreamRecord stream)
    {
        loop.CountResponse(stream.ResponseCode);
        loop.BytesOut += stream.BytesOut;
        listener.CountResponse(stream.ResponseCode);
        listener.BytesOut += stream.BytesOut;
        listener.RequestsFailed++;
    }

    internal void Ended(StreamRecord stream)
    {
        int status = stream.ResponseCode;
        long duration = StreamTimes.Microseconds(stream.Times.Started, stream.Times.Ended);
        loop.StreamsActive--;
        loop.CountResponse(status);
        loop.BytesIn += stream.BytesIn;
        loop.BytesOut += stream.BytesOut;
        loop.RequestDuration.Record(duration);
        listener.RequestsActive--;
        listener.CountResponse(status);
        listener.BytesIn += stream.BytesIn;
        listener.BytesOut += stream.BytesOut;
        listener.RequestDuration.Record(duration);
        listener.ProcessDuration.Record(duration - stream.Times.UpstreamMicroseconds);
        if (stream.EarlyEnd.HasCome)
        {
            loop.Resets++;
            listener.RequestsReset++;
        }

        if (stream.Flags != ResponseFlags.None)
        {
            listener.RequestsFailed++;
        }
    }
}
