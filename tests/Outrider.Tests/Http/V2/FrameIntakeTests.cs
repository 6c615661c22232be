using System.Net;
using System.Net.Sockets;
using Outrider.Http.Streams;
using Outrider.Http.V2;
using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Sending;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Http.V2;

/// <summary>Frames as either side of a connection takes them: what may come when, what is answered, and what is left to the side.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class FrameIntakeTests : IAsyncLifetime
{
    private static readonly byte[] s_settings = Http2Frames.Frame(FrameType.Settings, 0, 0, [0, 4, 0, 0, 0, 100]);

    private readonly LoopFixture _fixture = new();
    private readonly TaskCompletionSource<Transport> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Socket _peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly List<string> _told = [];
    private ListenerSockets? _sockets;
    private Listener? _listener;
    private Transport _transport = null!;

    public async Task InitializeAsync()
    {
        _sockets = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1);
        await _fixture.Loop.InvokeAsync(() => _listener = Listener.Start(_fixture.Loop, _sockets[0], transport =>
        {
            transport.Handler = new Silent();
            _ = _accepted.TrySetResult(transport);
        }));
        await _peer.ConnectAsync(_sockets.EndPoint);
        _transport = await _accepted.Task.SoonAsync();
    }

    public async Task DisposeAsync()
    {
        _peer.Dispose();
        await _fixture.Loop.InvokeAsync(() =>
        {
            _listener!.Stop();
            _transport.Close();
        });
        await _fixture.DisposeAsync();
        _sockets!.Dispose();
        Assert.Empty(_fixture.Failures);
    }

    [Fact]
    public async Task Frames_are_told_with_what_they_carry()
    {
        byte[] frames =
        [
            .. s_settings,
            .. Http2Frames.Frame(FrameType.Headers, (byte)(FrameFlags.Priority | FrameFlags.EndHeaders), 1, [0, 0, 0, 1, 9, 0x82]),
            .. Http2Frames.Frame(FrameType.Data, (byte)FrameFlags.Padded, 1, [2, 7, 8, 0, 0]),
            .. Http2Frames.Frame(FrameType.WindowUpdate, 0, 1, [0, 0, 0, 5]),
            .. Http2Frames.Frame(FrameType.Headers, (byte)FrameFlags.EndStream, 3, [0x82, 0x86]),
            .. Http2Frames.Frame(FrameType.Continuation, 0, 3, [0x84]),
            .. Http2Frames.Frame(FrameType.Continuation, (byte)FrameFlags.EndHeaders, 3, [0x87]),
            .. Http2Frames.Frame(FrameType.Data, (byte)FrameFlags.EndStream, 1, []),
            .. Http2Frames.Frame(FrameType.ResetStream, 0, 3, [0, 0, 0, 8]),
            .. Http2Frames.Frame(FrameType.Ping, 1, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
            .. Http2Frames.Frame(FrameType.GoAway, 0, 0, [0, 0, 0, 3, 0, 0, 0, 2, 65]),
            .. Http2Frames.Frame((FrameType)99, 0, 7, [1]),
        ];
        string[] expected =
        [
            "control", "answering", "settings 65535 first", "block 1 82 itself", "data 1 0708 of 5", "control", "window 1 5", "continued 1", "block 3 82868487 end", "data 1  of 0 end", "control",
            "reset 3 Cancel", "control", "pinged 0102030405060708", "control", "goaway 3 Internal", "control",
        ];

        await TakeAsync(isServer: true, frames, frames.Length);
        Assert.Equal(expected, _told);

        // However they are cut, but DATA's pieces are told as they come.
        _told.Clear();
        await TakeAsync(isServer: true, frames, 1);
        Assert.Equal(expected.Where(line => line[0] != 'd'), _told.Where(line => line[0] != 'd'));
    }

    [Fact]
    public async Task Settings_and_pings_are_answered()
    {
        await TakeAsync(isServer: false, [.. s_settings, .. Http2Frames.Frame(FrameType.Ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])], 100);

        byte[] answers = [.. Http2Frames.Frame(FrameType.Settings, 1, 0, []), .. Http2Frames.Frame(FrameType.Ping, 1, 0, [1, 2, 3, 4, 5, 6, 7, 8])];
        Assert.Equal(answers, await new WireReader(_peer).ReadBytesAsync(answers.Length));
    }

    public static TheoryData<bool, byte[], uint> Faults => new()
    {
        // (Is it a client's frame, the frames behind SETTINGS or the first ones, the error.)
        { true, Http2Frames.Frame(FrameType.Data, 0, 1, []), (uint)Http2Error.Protocol },
        { true, Http2Frames.Frame(FrameType.Headers, 4, 2, [0x82]), (uint)Http2Error.Protocol },
        { true, Http2Frames.Frame(FrameType.Headers, 4, 0, [0x82]), (uint)Http2Error.Protocol },
        { false, Http2Frames.Frame(FrameType.Headers, 4, 1, [0x88]), (uint)Http2Error.Protocol },
        { true, Http2Frames.Frame(FrameType.Continuation, 4, 1, [0x82]), (uint)Http2Error.Protocol },
        { true, [.. Http2Frames.Frame(FrameType.Headers, 0, 1, [0x82]), .. Http2Frames.Frame(FrameType.Ping, 0, 0, new byte[8])], (uint)Http2Error.Protocol },
        { true, [.. Http2Frames.Frame(FrameType.Headers, 0, 1, [0x82]), .. Http2Frames.Frame(FrameType.Continuation, 0, 1, new byte[100])], (uint)Http2Error.EnhanceYourCalm },
        { true, Http2Frames.Frame(FrameType.Ping, 0, 0, new byte[7]), (uint)Http2Error.FrameSize },
        { true, Http2Frames.Frame(FrameType.Ping, 0, 1, new byte[8]), (uint)Http2Error.Protocol },
        { true, Http2Frames.Frame(FrameType.GoAway, 0, 0, new byte[7]), (uint)Http2Error.FrameSize },
        { true, Http2Frames.Frame(FrameType.WindowUpdate, 0, 1, [0, 0, 0, 1]), (uint)Http2Error.Protocol },
        { true, Http2Frames.Frame(FrameType.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff]), (uint)Http2Error.FlowControl },
        { true, Http2Frames.Frame(FrameType.ResetStream, 0, 1, new byte[4]), (uint)Http2Error.Protocol },
        { false, Http2Frames.Frame(FrameType.PushPromise, 4, 1, new byte[5]), (uint)Http2Error.Protocol },
        { true, [.. Http2Frames.Frame(FrameType.Headers, 4, 1, [0x82]), .. Http2Frames.Frame(FrameType.Data, 0, 1, new byte[1001])], (uint)Http2Error.FlowControl },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_may_not_come_ends_the_connection(bool isServer, byte[] frames, uint error)
    {
        var fault = await Assert.ThrowsAsync<Http2Exception>(() => TakeAsync(isServer, [.. s_settings, .. frames], int.MaxValue));

        Assert.Equal((Http2Error)error, fault.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Settings_come_first(bool isServer)
        => _ = await Assert.ThrowsAsync<Http2Exception>(() => TakeAsync(isServer, Http2Frames.Frame(FrameType.Ping, 0, 0, new byte[8]), int.MaxValue));

    private Task TakeAsync(bool isServer, byte[] bytes, int piece) => _fixture.Loop.InvokeAsync(() =>
    {
        var frames = new FrameIntake(new StreamSender(_transport, new MultiplexCounts()), isServer, FrameHeader.DefaultMaxLength, window: 1000);
        for (int i = 0; i < bytes.Length; i += Math.Min(piece, bytes.Length - i))
        {
            ReadOnlySpan<byte> data = bytes.AsSpan(i, Math.Min(piece, bytes.Length - i));
            while (frames.Read(ref data, new Sink(_told)))
            {
                // Those of a client begin with their heads.
                frames.LastId = isServer && _told.Contains("block 3 82868487 end") ? 3 : isServer && _told.Any(line => line.StartsWith("block 1", StringComparison.Ordinal)) ? 1 : 0;
            }
        }

        frames.Release();
    });

    private sealed class Silent : TransportHandler
    {
        public override int OnReceived(ReadOnlySpan<byte> data) => data.Length;

        public override void OnEndOfInput()
        {
        }

        public override void OnCut()
        {
        }

        public override void OnClosed(int error)
        {
        }
    }

    private readonly struct Sink(List<string> told) : IFrameSink
    {
        public int MaxHeaderBytes => 100;

        public void OnData(int id, ReadOnlySpan<byte> data, int size, bool endStream) => told.Add($"data {id} {Convert.ToHexString(data)} of {size}{(endStream ? " end" : "")}");

        public void OnBlock(int id, ReadOnlySpan<byte> block, bool endStream, bool dependsOnItself)
            => told.Add($"block {id} {Convert.ToHexString(block)}{(endStream ? " end" : "")}{(dependsOnItself ? " itself" : "")}");

        public void OnContinued(int length) => told.Add($"continued {length}");

        public void OnControl() => told.Add("control");

        public void OnPriority(int id, ReadOnlySpan<byte> payload) => told.Add($"priority {id}");

        public void OnReset(int id, Http2Error code) => told.Add($"reset {id} {code}");

        public void OnAnswering() => told.Add("answering");

        public void OnSettings(PeerSettings before, bool isFirst) => told.Add($"settings {before.InitialWindow}{(isFirst ? " first" : "")}");

        public void OnPingAnswer(ReadOnlySpan<byte> payload) => told.Add($"pinged {Convert.ToHexString(payload)}");

        public void OnGoAway(int lastId, Http2Error code) => told.Add($"goaway {lastId} {code}");

        public void OnWindowUpdate(int id, int more) => told.Add($"window {id} {more}");
    }
}
