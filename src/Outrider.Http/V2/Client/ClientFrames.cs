using Outrider.Http.Streams;
using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Framing;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <summary>What a connection to an upstream does with the upstream's frames.</summary>
internal readonly struct ClientFrames(Http2ClientConnection connection, ClientStreams streams, UpstreamLimits limits) : IFrameSink
{
    // An upstream that answers 1xx for ever would keep a stream for ever; no use of them needs more.
    private const int MaxInformational = 16;

    // One that makes us answer pings and takes no answers is not served on.
    private const int MaxUnsentAnswers = 64 * 1024;

    /// <inheritdoc/>
    public int MaxHeaderBytes => limits.Message.MaxHeaderBytes;

    /// <inheritdoc/>
    public void OnData(int id, ReadOnlySpan<byte> data, int size, bool endStream)
    {
        if (streams.Find(id) is not { } stream)
        {
            streams.Took(size);
            return;
        }

        var wrong = stream.OnData(data, size, endStream);
        if (wrong != Http2Error.None)
        {
            streams.Took(size);
            streams.Break(stream, wrong);
        }
    }

    /// <inheritdoc/>
    public void OnBlock(int id, ReadOnlySpan<byte> block, bool endStream, bool dependsOnItself)
    {
        if (streams.Find(id) is not { } stream)
        {
            connection.Fields.Skip(block);
        }
        else if (stream.OnBlock(connection.Fields, block, endStream, MaxInformational) is not null)
        {
            streams.Break(stream, Http2Error.Protocol);
        }
    }

    /// <inheritdoc/>
    public void OnContinued(int length)
    {
        if (length == 0)
        {
            // An endless row of them would cost us and say nothing.
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "an empty CONTINUATION");
        }
    }

    /// <inheritdoc/>
    public void OnControl()
    {
    }

    /// <inheritdoc/>
    public void OnPriority(int id, ReadOnlySpan<byte> payload)
    {
    }

    /// <inheritdoc/>
    public void OnReset(int id, Http2Error code) => streams.OnReset(id, code);

    /// <inheritdoc/>
    public void OnAnswering()
    {
        Transport transport = connection.Transport;
        if (transport.PendingOutput > MaxUnsentAnswers && transport.IsWriteBlocked)
        {
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "it asks and does not read the answers");
        }
    }

    /// <inheritdoc/>
    public void OnSettings(PeerSettings before, bool isFirst)
    {
        if (isFirst)
        {
            connection.OnSettled();
        }

        streams.OnSettings(before, isFirst);
    }

    /// <inheritdoc/>
    public void OnPingAnswer(ReadOnlySpan<byte> payload)
    {
    }

    /// <inheritdoc/>
    public void OnGoAway(int lastId, Http2Error code) => connection.OnGoAway(lastId, code);

    /// <inheritdoc/>
    public void OnWindowUpdate(int id, int more) => streams.Grow(id, more);
}
