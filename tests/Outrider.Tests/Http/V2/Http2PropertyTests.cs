using System.Net.Sockets;
using System.Text;
using CsCheck;
using Outrider.Http.V2;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http.V2;

/// <summary>What holds whatever the bytes and wherever they are cut.</summary>
public sealed class Http2PropertyTests
{
    private static readonly byte[] s_preface = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    // Of each kind of frame that a client sends, with padding, priorities, a head in three pieces, trailers, a cancelled stream and an unknown frame.
    private static readonly byte[][] s_session =
    [
        Http2Frames.Frame(FrameType.Settings, 0, 0, [0, 4, 0, 1, 0, 0, 0, 3, 0, 0, 0, 100]),
        Http2Frames.Frame(FrameType.WindowUpdate, 0, 0, [0, 1, 0, 0]),
        Http2Frames.Frame(FrameType.Headers, 0x2d, 1, [3, 0, 0, 0, 0, 15, .. Http2Frames.Block(Http2Frames.Get), 0, 0, 0]),
        Http2Frames.Frame(FrameType.Headers, 0, 3, Http2Frames.Block(Http2Frames.Post)[..20]),
        Http2Frames.Frame(FrameType.Continuation, 0, 3, Http2Frames.Block(Http2Frames.Post)[20..30]),
        Http2Frames.Frame(FrameType.Continuation, 4, 3, Http2Frames.Block(Http2Frames.Post)[30..]),
        Http2Frames.Frame(FrameType.Data, 0, 3, Encoding.ASCII.GetBytes("one ")),
        Http2Frames.Frame(FrameType.Ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
        Http2Frames.Frame(FrameType.Data, 8, 3, [2, .. "two "u8, 0, 0]),
        Http2Frames.Frame(FrameType.Priority, 0, 3, [0, 0, 0, 0, 7]),
        Http2Frames.Frame((FrameType)99, 0, 3, [1, 2, 3]),
        Http2Frames.Frame(FrameType.Headers, 5, 3, Http2Frames.Block(("x-end", "yes"))),
        Http2Frames.Frame(FrameType.Headers, 4, 5, [0x82, 0x86, 0x84, 0x41, 1, (byte)'x', 0x40, 1, (byte)'a', 1, (byte)'b']),
        Http2Frames.Frame(FrameType.ResetStream, 0, 5, [0, 0, 0, 8]),
        Http2Frames.Frame(FrameType.Headers, 5, 7, [0x82, 0x86, 0x84, 0x41, 1, (byte)'x', 0xbf]),
    ];

    private static readonly byte[] s_bytes = [.. s_preface, .. s_session.SelectMany(frame => frame)];

    private static readonly Gen<byte[]> s_mutated =
        from kind in Gen.Int[0, 5]
        from at in Gen.Int[0, s_session.Length - 1]
        from other in Gen.Int[0, s_session.Length - 1]
        from place in Gen.Int[0, 60]
        from value in Gen.Byte
        from more in Gen.Byte.Array[0, 40]
        select Mutate(kind, at, other, place, value, more);

    [Fact]
    public void Frames_are_the_same_wherever_their_bytes_are_cut()
    {
        byte[] bytes = s_bytes[s_preface.Length..];
        string whole = Read([bytes]);
        Gen.Int[0, bytes.Length].Array[0, 12].Sample(
            cuts =>
            {
                Array.Sort(cuts);
                int[] ends = [.. cuts, bytes.Length];
                return Read(ends.Select((end, i) => bytes[(i == 0 ? 0 : ends[i - 1])..end])) == whole;
            },
            iter: 5000);
    }

    [Fact]
    public async Task A_session_is_answered_the_same_wherever_its_bytes_are_cut()
    {
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Http2");
        string whole = await AnswersAsync(proxy.Port, [s_bytes]);
        Assert.Equal("1:200 hi end; 3:200 one two  end; 7:200 hi end", whole);

        Gen.Int[1, s_bytes.Length - 1].Array[1, 6].Sample(
            cuts =>
            {
                Array.Sort(cuts);
                int[] ends = [.. cuts, s_bytes.Length];
                return AnswersAsync(proxy.Port, ends.Select((end, i) => s_bytes[(i == 0 ? 0 : ends[i - 1])..end])).GetAwaiter().GetResult() == whole;
            },
            iter: 50,
            threads: 1);
    }

    [Fact]
    public async Task Frames_of_clients_that_are_anything_never_crash_hang_or_leak()
    {
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Http2");

        s_mutated.Sample(
            bytes =>
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000 };
                socket.Connect("127.0.0.1", proxy.Port);
                SendAll(socket, bytes);
                Drain(socket);
            },
            iter: 300,
            threads: 1);

        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0 });
        Assert.Equal("1:200 hi end; 3:200 one two  end; 7:200 hi end", await AnswersAsync(proxy.Port, [s_bytes]));
    }

    [Fact]
    public async Task Frames_of_upstreams_that_are_anything_never_crash_hang_or_leak()
    {
        byte[][] frames =
        [
            Http2Frames.Frame(FrameType.Settings, 0, 0, [0, 3, 0, 0, 0, 10]),
            Http2Frames.Frame(FrameType.Settings, 1, 0, []),
            Http2Frames.Frame(FrameType.Headers, 4, 1, [0x88, 0x40, 1, (byte)'a', 1, (byte)'b']),
            Http2Frames.Frame(FrameType.Data, 0, 1, Encoding.ASCII.GetBytes("hello")),
            Http2Frames.Frame(FrameType.WindowUpdate, 0, 1, [0, 0, 1, 0]),
            Http2Frames.Frame(FrameType.Ping, 0, 0, new byte[8]),
            Http2Frames.Frame(FrameType.Headers, 5, 1, [0xbe]),
        ];
        byte[] good = [.. frames.SelectMany(frame => frame)];
        byte[] next = good;
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            byte[] answer = Volatile.Read(ref next);
            for (string read = ""; !read.Contains("last-field", StringComparison.Ordinal) && await connection.ReadAsync() is { Length: > 0 } more;)
            {
                read += more;
            }

            await connection.Socket.SendAllAsync(answer);
            connection.Socket.Shutdown(SocketShutdown.Send);
        })
        {
            Remembers = false,
        };
        await using var proxy = await TestProxy.StartAsync([upstream.Address], upstreamProtocol: "Http2");
        string request = "GET / HTTP/1.1\r\nhost: a\r\nlast-field: x\r\nconnection: close\r\n\r\n";
        var mutated = from at in Gen.Int[0, good.Length - 1]
                      from value in Gen.Byte
                      from cut in Gen.Int[0, good.Length]
                      from kind in Gen.Int[0, 2]
                      select kind == 0 ? [.. good[..at], value, .. good[(at + 1)..]] : kind == 1 ? good[..cut] : (byte[])[.. good[..at], value, .. good[at..]];

        mutated.Sample(
            bytes =>
            {
                Volatile.Write(ref next, bytes);
                string answer = RawClient.ExchangeAsync(proxy.Port, request).GetAwaiter().GetResult();
                return answer.Length == 0 || answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal);
            },
            iter: 200,
            threads: 1);

        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
        Volatile.Write(ref next, good);
        Assert.Contains("hello", await RawClient.ExchangeAsync(proxy.Port, request), StringComparison.Ordinal);
    }

    private static byte[] Mutate(int kind, int at, int other, int place, byte value, byte[] more)
    {
        var frames = s_session.Select(frame => (byte[])frame.Clone()).ToList();
        byte[] frame = frames[at];
        switch (kind)
        {
            case 0:
                frame[place % frame.Length] = value;
                break;
            case 1:
                frames.RemoveAt(at);
                break;
            case 2:
                frames.Insert(other, frame);
                break;
            case 3:
                (frames[at], frames[other]) = (frames[other], frames[at]);
                break;
            case 4:
                frames[at] = frame[..(place % frame.Length)];
                break;
            default:
                frames.Insert(at, more);
                break;
        }

        return [.. s_preface, .. frames.SelectMany(bytes => bytes)];
    }

    private static string Read(IEnumerable<byte[]> pieces)
    {
        var reader = new FrameReader(FrameHeader.DefaultMaxLength);
        var text = new StringBuilder();
        foreach (byte[] piece in pieces)
        {
            ReadOnlySpan<byte> data = piece;
            while (reader.Read(ref data, out var payload))
            {
                // DATA may come in pieces; they are one.
                bool goesOn = reader.Frame.Type == FrameType.Data && text.Length > 0 && text[^1] == '+';
                text.Length -= goesOn ? 1 : 0;
                text.Append(goesOn ? "" : $"\n{reader.Frame.Type} {(int)reader.Frame.Flags} {reader.Frame.StreamId} ").Append(Convert.ToHexString(payload)).Append(reader.HasMore ? "+" : "");
            }
        }

        reader.Release();
        return text.ToString();
    }

    // By stream: status, body, how it ended. Streams that were cancelled are left out.
    private static async Task<string> AnswersAsync(int port, IEnumerable<byte[]> pieces)
    {
        using var client = await Http2Frames.OpenAsync(port);
        foreach (byte[] piece in pieces)
        {
            await client.SendBytesAsync(piece);
            await Task.Yield();
        }

        var answers = new SortedDictionary<int, string> { [1] = "", [3] = "", [7] = "" };
        while (answers.Values.Any(answer => !answer.EndsWith(" end", StringComparison.Ordinal)))
        {
            if (await client.ReadAsync() is not { } frame)
            {
                return "closed";
            }

            int id = frame.Head.StreamId;
            if (!answers.ContainsKey(id) || frame.Head.Type is not (FrameType.Headers or FrameType.Data))
            {
                continue;
            }

            answers[id] += frame.Head.Type == FrameType.Data ? Encoding.ASCII.GetString(frame.Payload) : Http2Frames.Fields(frame.Payload).FirstOrDefault(field => field.Name == ":status").Value + " ";
            answers[id] += frame.Head.Has(FrameFlags.EndStream) ? " end" : "";
        }

        return string.Join("; ", answers.Select(answer => $"{answer.Key}:{answer.Value}"));
    }

    private static void SendAll(Socket socket, byte[] bytes)
    {
        try
        {
            for (int sent = 0; sent < bytes.Length;)
            {
                sent += socket.Send(bytes.AsSpan(sent));
            }

            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException e) when (e.SocketErrorCode != SocketError.TimedOut)
        {
        }
    }

    private static void Drain(Socket socket)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (socket.Receive(buffer) > 0)
            {
            }
        }
        catch (SocketException e) when (e.SocketErrorCode != SocketError.TimedOut)
        {
        }
    }

    // Answers with the request's body, or "hi".
    private static RawUpstream Mirror() => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            string body = request.StartsWith("POST", StringComparison.Ordinal) ? "one two " : "hi";
            await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {body.Length}\r\n\r\n{body}");
        }
    })
    {
        Remembers = false,
    };
}
