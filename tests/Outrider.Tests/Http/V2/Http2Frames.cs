using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Outrider.Http.V2;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Hpack;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http.V2;

/// <summary>A client that sends the frames that a test tells it to, however wrong, and reads those of the proxy.</summary>
internal sealed class Http2Frames : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _head = new byte[FrameHeader.Size];
    private readonly HpackDecoder _decoder = new();
    private Stream _stream = Stream.Null;

    internal static readonly (string, string)[] Get = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "x")];

    internal static readonly (string, string)[] Post = [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "x")];

    /// <summary>Connects and exchanges prefaces.</summary>
    /// <param name="port">The proxy's.</param>
    /// <param name="settings">The payload of the client's SETTINGS, in hexadecimal.</param>
    /// <param name="tls">In TLS, by ALPN?</param>
    internal static async Task<Http2Frames> ConnectAsync(int port, string settings = "", bool tls = false)
    {
        var client = await OpenAsync(port);
        if (tls)
        {
            var secured = new SslStream(client._stream);
            client._stream = secured;
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            }).SoonAsync();
            Assert.Equal(SslApplicationProtocol.Http2, secured.NegotiatedApplicationProtocol);
        }

        await client.SendBytesAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        await client.SendAsync(FrameType.Settings, 0, 0, Convert.FromHexString(settings));
        return client;
    }

    /// <summary>Connects, and sends nothing.</summary>
    internal static async Task<Http2Frames> OpenAsync(int port)
    {
        var client = new Http2Frames();
        await client._socket.ConnectAsync(IPAddress.Loopback, port);
        client._stream = new NetworkStream(client._socket);
        return client;
    }

    // Not the stream's: TLS would wait to say its farewell to a proxy that reads no more.
    public void Dispose() => _socket.Dispose();

    internal async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes).AsTask().SoonAsync();
        }
        catch (IOException e) when (e.InnerException is SocketException inner)
        {
            throw inner;
        }
    }

    internal static byte[] Frame(FrameType type, int flags, int stream, byte[] payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(payload.Length, type, (FrameFlags)flags, stream).Write(frame);
        payload.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    internal Task SendAsync(FrameType type, int flags, int stream, byte[]? payload = null) => SendBytesAsync(Frame(type, flags, stream, payload ?? []));

    /// <summary>Sends HEADERS; flags 1 is END_STREAM, 4 END_HEADERS.</summary>
    internal Task SendHeadersAsync(int stream, int flags, params (string Name, string Value)[] fields) => SendAsync(FrameType.Headers, flags, stream, Block(fields));

    /// <summary>A header block, names and values as they are.</summary>
    internal static byte[] Block(params (string Name, string Value)[] fields)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            Text(block, name);
            Text(block, value);
        }

        return block.ToArray();
    }

    /// <summary>The fields of a header block of ours, which no block before it explains.</summary>
    internal static List<(string Name, string Value)> Fields(byte[] payload) => Read(new HpackDecoder(), payload);

    /// <summary>The fields of a header block, the next of this connection: it may build on those before it.</summary>
    internal List<(string Name, string Value)> Decode(byte[] payload) => Read(_decoder, payload);

    private static List<(string Name, string Value)> Read(HpackDecoder decoder, byte[] payload)
    {
        List<(string, string)> fields = [];
        ReadOnlySpan<byte> block = payload;
        decoder.Begin();
        while (decoder.Read(ref block, out var name, out var value))
        {
            fields.Add((Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value)));
        }

        decoder.End();
        return fields;
    }

    /// <summary>The next frame; null when the proxy has closed.</summary>
    internal async Task<(FrameHeader Head, byte[] Payload)?> ReadAsync()
    {
        if (!await FillAsync(_head))
        {
            return null;
        }

        var frame = FrameHeader.Read(_head);
        byte[] payload = new byte[frame.Length];
        return await FillAsync(payload) ? (frame, payload) : null;
    }

    /// <summary>The next frame of that type; others before it are passed over. A failure when there is none.</summary>
    internal async Task<(FrameHeader Head, byte[] Payload)> ReadAsync(FrameType type)
    {
        while (true)
        {
            var frame = await ReadAsync();
            Assert.True(frame is not null, $"the proxy closed without {type}");
            if (frame.Value.Head.Type == type)
            {
                return frame.Value;
            }
        }
    }

    /// <summary>So many bytes of a stream's DATA, as text.</summary>
    internal async Task<string> ReadDataAsync(int stream, int count)
    {
        string text = "";
        while (text.Length < count)
        {
            var (head, payload) = await ReadAsync(FrameType.Data);
            text += head.StreamId == stream ? Encoding.Latin1.GetString(payload) : "";
        }

        return text;
    }

    /// <summary>How many bytes of DATA come until so many streams have ended.</summary>
    internal async Task<int> CountDataAsync(int streams)
    {
        int length = 0;
        while (streams > 0)
        {
            var (head, payload) = await ReadAsync(FrameType.Data);
            length += payload.Length;
            streams -= head.Has(FrameFlags.EndStream) ? 1 : 0;
        }

        return length;
    }

    /// <summary>How a stream ended: "200" with the status of its answer, or the code of its reset, or that of GOAWAY.</summary>
    internal async Task<string> EndOfAsync(int stream)
    {
        string status = "";
        var decoder = new HpackDecoder();
        while (await ReadAsync() is { } frame)
        {
            switch (frame.Head.Type)
            {
                case FrameType.GoAway:
                    return "GOAWAY " + (Http2Error)frame.Payload[7];
                case FrameType.ResetStream when frame.Head.StreamId == stream:
                    return "RST " + (Http2Error)frame.Payload[3];
                case FrameType.Headers when frame.Head.StreamId == stream:
                    ReadOnlySpan<byte> block = frame.Payload;
                    decoder.Begin();
                    if (decoder.Read(ref block, out _, out var value) && status.Length == 0)
                    {
                        status = Encoding.ASCII.GetString(value);
                    }

                    break;
                default:
                    break;
            }

            if (frame.Head.StreamId == stream && frame.Head.Type is FrameType.Headers or FrameType.Data && frame.Head.Has(FrameFlags.EndStream))
            {
                return status;
            }
        }

        return "closed";
    }

    private static void Text(MemoryStream block, string text)
    {
        byte[] number = new byte[8];
        block.Write(number, 0, HpackEncoder.WriteNumber(number, 0, 7, text.Length));
        block.Write(Encoding.Latin1.GetBytes(text));
    }

    private async Task<bool> FillAsync(Memory<byte> buffer)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                int count = await _stream.ReadAsync(buffer).AsTask().SoonAsync();
                if (count == 0)
                {
                    return false;
                }

                buffer = buffer[count..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
