using System.Buffers.Binary;
using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Server;

/// <summary>What a client's connection does with the client's frames.</summary>
internal readonly struct ServerFrames(Http2ServerConnection connection, RequestIntake requests, ServerStreams streams) : IFrameSink
{
    private const int PriorityLength = 5;

    // A long row of shorter ones costs us and says little (CVE-2024-27316).
    private const int LeastContinuation = 64;

    /// <inheritdoc/>
    public int MaxHeaderBytes => requests.Limits.MaxHeaderBytes;

    /// <inheritdoc/>
    public void OnData(int id, ReadOnlySpan<byte> data, int size, bool endStream) => requests.OnData(id, data, size, endStream);

    /// <inheritdoc/>
    public void OnBlock(int id, ReadOnlySpan<byte> block, bool endStream, bool dependsOnItself) => requests.OnBlock(id, block, endStream, dependsOnItself);

    /// <inheritdoc/>
    public void OnContinued(int length)
    {
        if (length < LeastContinuation)
        {
            streams.Guard.OnIdleFrame(streams.Now);
        }
    }

    /// <inheritdoc/>
    public void OnControl() => streams.Guard.OnIdleFrame(streams.Now);

    /// <inheritdoc/>
    public void OnPriority(int id, ReadOnlySpan<byte> payload)
    {
        if (id == 0)
        {
            throw Http2Exception.Protocol("PRIORITY of the connection");
        }

        // A stream that depends on itself is a fault of RFC 7540 §5.3.1; RFC 9113 has no dependencies.
        if (payload.Length != PriorityLength || (BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue) == id)
        {
            streams.GiveUp(id, payload.Length != PriorityLength ? Http2Error.FrameSize : Http2Error.Protocol);
        }
    }

    /// <inheritdoc/>
    public void OnReset(int id, Http2Error code) => streams.OnReset(id);

    /// <inheritdoc/>
    public void OnAnswering()
    {
    }

    /// <inheritdoc/>
    public void OnSettings(PeerSettings before, bool isFirst) => streams.OnSettings(before);

    /// <inheritdoc/>
    public void OnPingAnswer(ReadOnlySpan<byte> payload) => connection.OnPingAnswer(payload);

    /// <inheritdoc/>
    public void OnGoAway(int lastId, Http2Error code) => connection.OnGoAway();

    /// <inheritdoc/>
    public void OnWindowUpdate(int id, int more) => streams.Grow(id, more);
}
