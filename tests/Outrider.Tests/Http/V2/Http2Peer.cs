using System.Net;
using System.Net.Sockets;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http.V2;

/// <summary>A server that sends the frames that a test tells it to, however wrong, and reads those of the client.</summary>
internal sealed class Http2Peer : IDisposable
{
    private const int PrefaceLength = 24;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private NetworkStream? _stream;

    internal Http2Peer() => _listener.Start();

    internal IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public void Dispose()
    {
        _stream?.Dispose();
        _listener.Dispose();
    }

    /// <summary>Takes the connection and reads the client's preface; <paramref name="settings"/> is the payload of ours.</summary>
    internal async Task AcceptAsync(string? settings = "")
    {
        var client = await _listener.AcceptSocketAsync().WaitAsync(Eventually.Patience);
        _stream?.Dispose();
        _stream = new NetworkStream(client, ownsSocket: true);
        byte[] preface = new byte[PrefaceLength];
        await _stream.ReadExactlyAsync(preface);
        Assert.Equal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, preface);
        if (settings is not null)
        {
            await SendAsync(FrameType.Settings, 0, 0, settings);
        }
    }

    /// <summary>Sends a frame; the payload is written in hexadecimal.</summary>
    internal Task SendAsync(FrameType type, int flags, int stream, string payload = "") => SendAsync(type, flags, stream, Convert.FromHexString(payload));

    internal async Task SendAsync(FrameType type, int flags, int stream, byte[] payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(payload.Length, type, (FrameFlags)flags, stream).Write(frame);
        payload.CopyTo(frame, FrameHeader.Size);
        await _stream!.WriteAsync(frame);
    }

    /// <summary>Sends bytes as they are, in hexadecimal.</summary>
    internal async Task SendBytesAsync(string bytes) => await _stream!.WriteAsync(Convert.FromHexString(bytes));

    /// <summary>The client's next frame of that type; others before it are passed over. Null when the client has gone.</summary>
    internal async Task<(FrameHeader Head, byte[] Payload)?> ReadAsync(FrameType type)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        byte[] head = new byte[FrameHeader.Size];
        while (true)
        {
            try
            {
                if (await _stream!.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, patience.Token) < head.Length)
                {
                    return null;
                }

                var frame = FrameHeader.Read(head);
                byte[] payload = new byte[frame.Length];
                await _stream.ReadExactlyAsync(payload, patience.Token);
                if (frame.Type == type)
                {
                    return (frame, payload);
                }
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
