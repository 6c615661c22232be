using System.Buffers.Binary;
using System.Net.Sockets;
using Outrider.Http.V2.Server;

namespace Outrider.Running;

/// <summary>Asks in HTTP/2, by prior knowledge: its connection begins with the preface (RFC 9113 §3.4). One stream after the other.</summary>
internal sealed class WarmUpHttp2Client : IWarmUpClient
{
    // RFC 9113 §4.1 and §6: the head of a frame, types and flags.
    private const int HeadSize = 9;
    private const int DefaultMaxLength = 16_384;
    private const byte Headers = 1, ResetStream = 3, Settings = 4, WindowUpdate = 8;
    private const byte EndStream = 1, Ack = 1, EndHeaders = 4;

    // GET, http, path, authority, user-agent and accept as literals that are not remembered (RFC 7541 §6.2.2, appendix A).
    private static readonly byte[] s_block =
    [
        0x82, 0x86, 0x04, 12, .. "/warm-up?a=b"u8, 0x01, 7, .. "warm.up"u8, 0x0f, 43, 8, .. "outrider"u8, 0x0f, 4, 3, .. "*/*"u8,
    ];

    // As much as all answers of a warm-up have, so that none waits for a window: WINDOW_UPDATE of the connection.
    private static readonly byte[] s_window = [1, 0, 0, 0];

    private readonly Socket _socket;
    private readonly byte[] _head = new byte[HeadSize];
    private readonly byte[] _payload = new byte[DefaultMaxLength];
    private int _stream = -1;

    /// <param name="socket">Its connection, which is its own from here on.</param>
    internal WarmUpHttp2Client(Socket socket)
    {
        _socket = socket;
        _ = socket.Send(Http2ServerConnection.Preface);
        Send(Settings, 0, 0, []);
        Send(WindowUpdate, 0, 0, s_window);
    }

    public bool Ask()
    {
        _stream += 2;
        Send(Headers, EndStream | EndHeaders, _stream, s_block);
        while (Receive(_head))
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(_head) >> 8;
            byte type = _head[3], flags = _head[4];
            int stream = BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(5)) & int.MaxValue;
            if (length > _payload.Length)
            {
                throw new IOException("a frame longer than what was allowed");
            }

            if (!Receive(_payload.AsSpan(0, length)))
            {
                break;
            }

            if (type == Settings && (flags & Ack) == 0)
            {
                Send(Settings, Ack, 0, []);
            }

            if (stream == _stream && ((flags & EndStream) != 0 || type == ResetStream))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _socket.Dispose();

    private void Send(byte type, byte flags, int stream, byte[] payload)
    {
        byte[] frame = new byte[HeadSize + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, HeadSize);
        _ = _socket.Send(frame);
    }

    private bool Receive(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = _socket.Receive(buffer);
            if (count == 0)
            {
                return false;
            }

            buffer = buffer[count..];
        }

        return true;
    }
}
