using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Server;
using Outrider.Net.Transports;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Http.V2;

/// <summary>What comes of a request gets to its stream in its order, whole, once, and not while that takes nothing; and the windows open for what was taken.</summary>
public sealed class RequestDeliveryTests : TransportLab
{
    private const int Window = 100;

    private static readonly HttpLimits s_limits = new() { HeaderTimeout = 600_000, BodyTimeout = 60_000, MinBodyRate = 100, MinRateGrace = 2000 };

    private readonly List<string> _told = [];
    private readonly Http2ServerStream _client = new();
    private readonly NotedStream _stream;
    private readonly NotedHandler _handler;
    private ServerStreams? _streams;

    public RequestDeliveryTests()
    {
        _stream = new NotedStream(_told);
        // As streams are when they are rented: it announces nothing yet.
        _stream.Request.Clear();
        _handler = new NotedHandler(_told);
    }

    private RequestDelivery Request => _client.Request;

    [Fact]
    public async Task What_comes_is_given_to_the_stream_at_once()
    {
        await OnStreamAsync(() =>
        {
            Request.OnHead(endStream: false);
            Assert.True(Request is { IsAwaited: true, HasBody: false, IsEnded: false });
            Send("abc");
            Assert.True(Request is { IsAwaited: true, HasBody: true, IsEnded: false });
            Send("de", endStream: true);
            Assert.True(Request is { IsAwaited: false, IsEnded: true });

            Assert.Equal(["head", "data abc", "data de end"], _told);
        });
    }

    [Fact]
    public async Task A_request_may_be_its_head_alone()
    {
        await OnStreamAsync(() =>
        {
            _stream.Request.SetMethod("HEAD"u8);
            Request.OnHead(endStream: true);

            Assert.True(_stream.AnswersHead);
            Assert.True(Request is { IsAwaited: false, HasBody: false, IsEnded: true });
            Assert.Equal(["head end"], _told);

            // It is complete: there is nothing to hold, or to give again.
            Request.Pause();
            Request.Resume();
        });
        await OnLoopAsync(() => Assert.Equal(["head end"], _told));
    }

    [Fact]
    public async Task While_the_stream_takes_nothing_all_is_held_and_then_given_in_one_piece_behind_the_call()
    {
        await OnStreamAsync(() =>
        {
            Request.OnHead(endStream: false);
            Request.Pause();
            Assert.False(Request.IsAwaited);
            Send("ab");
            Send("cd");
            Request.Resume();
            // Not within the call, and so what comes meanwhile is behind it.
            Send("ef");
            Assert.Equal(["head"], _told);
        });

        await OnLoopAsync(() =>
        {
            Assert.Equal(["head", "data abcdef"], _told);
            Assert.True(Request.IsAwaited);
            Send("g");
            Assert.Equal(["head", "data abcdef", "data g"], _told);
        });
    }

    [Theory]
    [InlineData("ab", "data ab end")]
    [InlineData("", "data  end")]
    public async Task An_end_that_is_held_comes_once_and_with_what_was_held_before_it(string data, string last)
    {
        await OnHeldAsync(data, endStream: true, () =>
        {
            Assert.True(Request.IsEnded);
            Request.Resume();
            Request.Resume();
        });

        await OnLoopAsync(() =>
        {
            Assert.Equal(["head", last], _told);
            Request.DeliverHeld();
            Assert.Equal(["head", last], _told);
        });
    }

    [Theory]
    [InlineData(true, "trailers")]
    // Without a field they are an end and nothing more.
    [InlineData(false, "data  end")]
    public async Task Trailers_end_the_request_behind_what_was_held_before_them(bool hasFields, string last)
    {
        await OnHeldAsync("ab", endStream: false, () =>
        {
            ReadTrailers(hasFields);
            Assert.True(Request.OnTrailers());
            Assert.True(Request.IsEnded);
            Assert.Equal(["head"], _told);
            Request.Resume();
        });
        await OnLoopAsync(() => Assert.Equal(["head", "data ab", last], _told));
    }

    [Fact]
    public async Task Trailers_that_nothing_holds_up_come_at_once()
    {
        await OnStreamAsync(() =>
        {
            Request.OnHead(endStream: false);
            Send("ab");
            ReadTrailers(hasFields: true);
            Assert.True(Request.OnTrailers());

            Assert.Equal(["head", "data ab", "trailers"], _told);
            Assert.False(Request.IsAwaited);
        });
    }

    [Fact]
    public async Task A_stream_that_stops_again_at_what_was_held_gets_the_trailers_when_it_goes_on()
    {
        await OnHeldAsync("ab", endStream: false, () =>
        {
            _stream.Then = Request.Pause;
            ReadTrailers(hasFields: true);
            _ = Request.OnTrailers();
            Request.Resume();
        });
        await OnLoopAsync(() =>
        {
            Assert.Equal(["head", "data ab"], _told);
            Request.Resume();
        });
        await OnLoopAsync(() => Assert.Equal(["head", "data ab", "trailers"], _told));
    }

    [Fact]
    public async Task A_stream_that_lets_go_at_what_was_held_hears_of_nothing_that_follows()
    {
        await OnHeldAsync("ab", endStream: false, () =>
        {
            _stream.Then = () => _client.EndStream(_stream);
            ReadTrailers(hasFields: true);
            _ = Request.OnTrailers();
            Request.Resume();
        });
        await OnLoopAsync(() => Assert.Equal(["head", "data ab"], _told));
    }

    [Theory]
    [InlineData("abcd", false, Http2Error.Protocol)]
    [InlineData("ab", true, Http2Error.Protocol)]
    [InlineData("abc", true, Http2Error.None)]
    public async Task A_body_of_another_length_than_was_announced_is_an_error_that_the_stream_does_not_see(string data, bool endStream, object error)
    {
        await OnStreamAsync(() =>
        {
            _stream.Request.ContentLength = 3;
            Request.OnHead(endStream: false);

            Assert.Equal((Http2Error)error, Receive(data, endStream));
            string[] expected = (Http2Error)error == Http2Error.None ? ["head", "data abc end"] : ["head"];
            Assert.Equal(expected, _told);
        });
    }

    [Theory]
    [InlineData("ab", false)]
    [InlineData("abc", true)]
    public async Task Trailers_before_all_that_was_announced_are_an_error(string data, bool isWhole)
    {
        await OnStreamAsync(() =>
        {
            _stream.Request.ContentLength = 3;
            Request.OnHead(endStream: false);
            Send(data);

            Assert.Equal(isWhole, Request.OnTrailers());
            string[] expected = isWhole ? ["head", "data abc", "data  end"] : ["head", "data ab"];
            Assert.Equal(expected, _told);
        });
    }

    [Fact]
    public async Task A_client_that_sends_more_than_the_window_has_broken_the_protocol()
    {
        await OnStreamAsync(() =>
        {
            Request.OnHead(endStream: false);
            // What is taken comes back to it.
            Send(new string('x', Window));
            Request.Pause();
            Send(new string('y', Window));
            Assert.Equal(Http2Error.FlowControl, Receive("z"));
        });
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_and_its_rest_is_passed_over()
    {
        await OnStreamAsync(() =>
        {
            Request.OnHead(endStream: false);
            Assert.Equal(Http2Error.None, Receive("abc", maxBody: 4));
            Assert.Equal(Http2Error.None, Receive("de", maxBody: 4));
            Assert.Null(Request.TrailersToRead);
            Assert.Equal(Http2Error.None, Receive(new string('x', 50), maxBody: 4));
            Assert.Equal(Http2Error.None, Receive("fg", endStream: true, maxBody: 4));

            Assert.True(Request.IsEnded);
            Assert.Equal(["head", "data abc", "error 413", "reset ProtocolError 413"], _told);
        });
        // The connection goes on, the stream's client is to send no more.
        Assert.Equal([(0, 55)], await WindowUpdatesAsync());
    }

    [Fact]
    public async Task A_request_that_fails_takes_what_was_held_of_it_along()
    {
        await OnHeldAsync(new string('x', 60), endStream: false, () =>
        {
            Request.Fail(ResetReason.ReceiveTimeout, ProtocolError.BodyTimeout);
            Request.Resume();
        });
        await OnLoopAsync(() => Assert.Equal(["head", "error 408", "reset ReceiveTimeout 408"], _told));
        Assert.Equal([(0, 60)], await WindowUpdatesAsync());
    }

    [Fact]
    public async Task A_request_that_nobody_waits_for_fails_without_a_word()
    {
        await OnStreamAsync(() =>
        {
            Request.OnHead(endStream: false);
            _client.Release();
            Request.Fail(ResetReason.ReceiveTimeout, ProtocolError.BodyTimeout);
            Assert.Equal(["head"], _told);
        });
    }

    [Fact]
    public async Task What_is_given_up_goes_to_nobody_and_the_connection_gets_its_room_back()
    {
        await OnHeldAsync(new string('x', 30), endStream: false, () =>
        {
            Request.GiveUp();
            Send(new string('y', 30));
            Assert.True(Request.OnTrailers());
            Request.Resume();
        });
        await OnLoopAsync(() => Assert.Equal(["head"], _told));
        Assert.Equal([(0, 60)], await WindowUpdatesAsync());
    }

    [Fact]
    public async Task Both_windows_open_for_what_was_taken()
    {
        await OnStreamAsync(() =>
        {
            Request.OnHead(endStream: false);
            Send(new string('x', 40));
            Send(new string('x', 10));
        });
        Assert.Equal([(1, 50), (0, 50)], await WindowUpdatesAsync());

        // At its end only the connection has use for more.
        await OnLoopAsync(() => Send(new string('x', 60), endStream: true));
        Assert.Equal([(0, 60)], await WindowUpdatesAsync());
    }

    [Fact]
    public async Task For_what_is_held_no_window_opens_but_for_its_padding()
    {
        await OnStreamAsync(() =>
        {
            Request.OnHead(endStream: false);
            Request.Pause();
            Assert.Equal(Http2Error.None, Request.OnData(Encoding.ASCII.GetBytes(new string('x', 20)), 80, endStream: false, maxBody: 0));
        });
        Assert.Equal([(1, 60), (0, 60)], await WindowUpdatesAsync());
        await OnLoopAsync(() => Send(new string('x', 60)));
        Assert.Empty(await WindowUpdatesAsync());

        await OnLoopAsync(Request.Resume);
        Assert.Equal([(1, 80), (0, 80)], await WindowUpdatesAsync());
        await OnLoopAsync(() => Assert.Equal(["head", "data " + new string('x', 80)], _told));
    }

    [Fact]
    public async Task What_is_dropped_is_of_no_more_concern_to_the_connection()
    {
        await OnHeldAsync(new string('x', 60), endStream: false, () =>
        {
            Request.Drop();
            Request.Drop();
            Request.Resume();
        });
        Assert.Equal([(0, 60)], await WindowUpdatesAsync());
        await OnLoopAsync(() => Assert.Equal(["head"], _told));
    }

    [Fact]
    public async Task What_is_for_a_tunnel_waits_until_that_is_open_however_much_it_is()
    {
        await OnStreamAsync(() =>
        {
            _stream.Request.IsUpgrade = true;
            Request.OnHead(endStream: false);
            Assert.Equal(ClientTunnel.Asked, Request.Tunnel);
            Assert.False(Request.IsAwaited);
            Assert.Equal(Http2Error.None, Receive("abc", maxBody: 1));
            Request.DeliverHeld();
            // The request itself ended with its head.
            Assert.Equal(["head end"], _told);
            Request.OpenTunnel();
        });

        await OnLoopAsync(() =>
        {
            Assert.Equal(ClientTunnel.Open, Request.Tunnel);
            Assert.Equal(["head end", "data abc"], _told);
            Assert.Equal(Http2Error.None, Receive("de", endStream: true, maxBody: 1));
            Assert.Equal(["head end", "data abc", "data de end"], _told);
        });
    }

    [Fact]
    public async Task A_tunnel_whose_client_has_ended_before_it_opens_ends_when_it_does()
    {
        await OnStreamAsync(() =>
        {
            _stream.Request.IsUpgrade = true;
            Request.OnHead(endStream: true);
            Assert.Equal(["head end"], _told);
            Request.OpenTunnel();
        });
        await OnLoopAsync(() => Assert.Equal(["head end", "data  end"], _told));
    }

    [Theory]
    [InlineData("text/plain", Overdue.Rate)]
    // Its streams may have little to say.
    [InlineData("application/grpc", Overdue.None)]
    public async Task A_body_has_to_come_at_the_least_rate_while_it_is_awaited(string type, object overdue)
    {
        await OnStreamAsync(() =>
        {
            long now = _streams!.Now;
            _stream.Request.Fields.Add("content-type"u8, Encoding.ASCII.GetBytes(type));
            Request.OnHead(endStream: false);
            Assert.Equal((Overdue)overdue, _client.FindOverdue(now + 2000, s_limits));
            Assert.Equal(Overdue.None, _client.FindOverdue(now + 1999, s_limits));

            Request.Pause();
            Assert.Equal(Overdue.None, _client.FindOverdue(now + 100_000, s_limits));
            Request.Resume();
            Assert.Equal((Overdue)overdue, _client.FindOverdue(now + 2000, s_limits));

            Send("ab", endStream: true);
            Assert.Equal(Overdue.None, _client.FindOverdue(now + 100_000, s_limits));
        });
    }

    [Fact]
    public async Task Nothing_is_left_for_the_next_request()
    {
        await OnStreamAsync(() =>
        {
            _stream.Request.IsUpgrade = true;
            _stream.Request.ContentLength = 3;
            Request.OnHead(endStream: false);
            Request.Pause();
            Send("abc", endStream: true);
            Request.GiveUp();
            _client.Release();
            _stream.Request.Clear();
            _told.Clear();

            Begin();
            Assert.True(Request is { Tunnel: ClientTunnel.None, IsEnded: false, HasBody: false, IsAwaited: true, TrailersToRead: not null });
            Request.OnHead(endStream: false);
            Send("de");
            Send("fghi", endStream: true);
            Assert.Equal(["head", "data de", "data fghi end"], _told);
        });
    }

    /// <summary>Does something with a stream that begins, on the loop.</summary>
    private Task OnStreamAsync(Action action) => OnLoopAsync(() =>
    {
        var transport = Connection.Transport;
        _streams = new ServerStreams(new Http2ServerConnection(transport, _handler), _handler, _handler.Http2);
        // Nothing is read here: what comes is told to the part itself.
        transport.Handler = Connection;
        Begin();
        _streams.Add(_client);
        action();
        transport.Disarm();
    });

    /// <summary>The same once a request has begun whose stream takes nothing, and a part of its body is held for it.</summary>
    private Task OnHeldAsync(string data, bool endStream, Action action) => OnStreamAsync(() =>
    {
        Request.OnHead(endStream: false);
        Request.Pause();
        Send(data, endStream);
        action();
    });

    private void Begin() => _client.Begin(_streams!, _stream, 1, Window, Window, _streams!.Now);

    private void Send(string data, bool endStream = false) => Assert.Equal(Http2Error.None, Receive(data, endStream));

    private Http2Error Receive(string data, bool endStream = false, long maxBody = 0)
        => Request.OnData(Encoding.ASCII.GetBytes(data), data.Length, endStream, maxBody);

    private void ReadTrailers(bool hasFields)
    {
        Assert.Same(_stream.RequestTrailers, Request.TrailersToRead);
        if (hasFields)
        {
            Request.TrailersToRead!.Add("x-sum"u8, "7"u8);
        }
    }

    /// <summary>The streams that the client was told to send more on since it was asked last, and how much more; 0 is the connection.</summary>
    private async Task<List<(int Stream, int More)>> WindowUpdatesAsync()
    {
        // In a turn of its own, as what was held is given in one.
        await OnLoopAsync(static () => { });
        await OnLoopAsync(() => _streams!.Control.Ping("that all"u8));
        List<(int, int)> updates = [];
        while (true)
        {
            var head = FrameHeader.Read(await ReadAsync(FrameHeader.Size));
            byte[] payload = await ReadAsync(head.Length);
            switch (head.Type)
            {
                case FrameType.Ping:
                    return updates;
                case FrameType.WindowUpdate:
                    updates.Add((head.StreamId, BinaryPrimitives.ReadInt32BigEndian(payload)));
                    break;
                default:
                    Assert.Fail($"{head} was not to be sent");
                    break;
            }
        }
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int read = await Peer.ReceiveAsync(bytes.AsMemory(at), SocketFlags.None).AsTask().SoonAsync();
            Assert.NotEqual(0, read);
            at += read;
        }

        return bytes;
    }

    private sealed class NotedStream(List<string> told) : ServerStream
    {
        /// <summary>What it does the next time that it is given data.</summary>
        internal Action? Then { get; set; }

        public override void OnBegin()
        {
        }

        public override void OnRequestHead(bool endStream) => Note("head", endStream);

        public override void OnRequestData(ReadOnlySpan<byte> data, bool endStream)
        {
            Note("data " + Encoding.ASCII.GetString(data), endStream);
            var then = Then;
            Then = null;
            then?.Invoke();
        }

        public override void OnRequestTrailers() => Note("trailers");

        public override void OnRequestReset(ResetReason reason, ProtocolError? error) => Note($"reset {reason} {error?.Status}");

        public override void OnResponseBlocked() => Note("blocked");

        public override void OnResponseWritten() => Note("written");

        private void Note(string what, bool endStream = false) => told.Add(endStream ? what + " end" : what);
    }

    private sealed class NotedHandler(List<string> told) : IHttp2ServerHandler
    {
        public HttpLimits Limits => s_limits;

        // Less than a listener can have, so that few bytes are enough to open it.
        public Http2Limits Http2 { get; } = new() { ConnectionWindow = Window };

        public MultiplexCounts Http2Counts { get; } = new();

        public int ReadSize => 1024;

        public bool IsDraining => false;

        public void OnConnectionOpened(Transport transport)
        {
        }

        public void OnConnectionClosed(Transport transport)
        {
        }

        public ServerStream RentStream() => throw new NotSupportedException();

        public void ReturnUnused(ServerStream stream) => throw new NotSupportedException();

        public void OnIdleTimeout(Transport transport)
        {
        }

        public void OnProtocolError(Transport transport, ServerStream stream, ProtocolError error) => told.Add($"error {error.Status}");
    }
}
