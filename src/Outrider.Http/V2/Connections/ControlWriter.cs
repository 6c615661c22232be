using System.Buffers.Binary;
using Outrider.Http.Streams;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Connections;

/// <summary>Writes what one side says of its connection and its streams' ends, and counts it. Made where it is needed: it holds nothing of its own.</summary>
internal readonly struct ControlWriter(Transport transport, MultiplexCounts counts)
{
    // What the peer gets to take our last words.
    private const int FarewellMilliseconds = 1000;

    // None of ours has more settings.
    private const int MaxSettings = 8;

    private static ReadOnlySpan<byte> KeepalivePing => "are you?"u8;

    /// <summary>What this side begins with: its settings, and the connection's window where it is larger than RFC 9113 §6.9.2 has it.</summary>
    internal void Begin(ReadOnlySpan<(SettingId Id, int Value)> settings, int connectionWindow)
    {
        Span<byte> payload = stackalloc byte[MaxSettings * PeerSettings.EntrySize];
        int length = 0;
        foreach (var (id, value) in settings)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload[length..], (ushort)id);
            BinaryPrimitives.WriteInt32BigEndian(payload[(length + 2)..], value);
            length += PeerSettings.EntrySize;
        }

        FrameWriter.Write(transport, FrameType.Settings, FrameFlags.None, 0, payload[..length]);
        if (connectionWindow > SendWindow.Default)
        {
            FrameWriter.WriteWindowUpdate(transport, 0, connectionWindow - SendWindow.Default);
        }
    }

    /// <summary>Ends a stream before its time.</summary>
    internal void Reset(int id, Http2Error code)
    {
        counts.OnResetSent((uint)code);
        FrameWriter.WriteReset(transport, id, code);
    }

    /// <summary>Says that the connection ends.</summary>
    /// <param name="code">Why.</param>
    /// <param name="lastId">The peer's last stream that is or may have been served; 0 where it was allowed none.</param>
    internal void GoAway(Http2Error code, int lastId = 0)
    {
        counts.OnGoAwaySent();
        FrameWriter.WriteGoAway(transport, code, lastId);
    }

    /// <summary>Asks the peer whether it is there.</summary>
    internal void AskWhetherAlive() => Ping(KeepalivePing);

    /// <summary>PING, whose answer carries the same.</summary>
    /// <param name="payload">Eight bytes.</param>
    internal void Ping(ReadOnlySpan<byte> payload) => FrameWriter.Write(transport, FrameType.Ping, FrameFlags.None, 0, payload);

    /// <summary>Closes when what was written has been sent, for which the handler's timer is set: then it closes at once.</summary>
    /// <param name="drain">What the peer still sends is read first, so that closing does not take our last words from it.</param>
    internal void Close(bool drain)
    {
        transport.CloseWhenWritten(drain);
        transport.Arm(FarewellMilliseconds);
    }
}
