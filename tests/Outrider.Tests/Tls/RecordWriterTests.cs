using System.Text;
using Outrider.Net.Loops;
using Outrider.Net.Tls;

namespace Outrider.Tests.Tls;

/// <summary>What is gathered, when it is sealed, and in how many records.</summary>
public sealed class RecordWriterTests : IDisposable
{
    // Never started: this thread is the loop's.
    private readonly EventLoop _loop = new(0);
    private readonly TestAcceptor _acceptor = new();
    private readonly TlsEnd _client, _server;
    private RecordWriter _writer;

    public RecordWriterTests()
    {
        (_client, _server) = TlsEnd.Pair(_loop, _acceptor);
        _ = _client.TakeSent();
        _ = _server.TakeSent();
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _acceptor.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public void Small_pieces_are_one_record()
    {
        _writer.Write("some "u8, _loop, _client.Stream);
        "words"u8.CopyTo(_writer.GetSpan(5, _loop, _client.Stream));
        _writer.Advance(5);

        Assert.Equal(10, _writer.Length);
        Assert.Equal(0, _client.RecordsSent);

        _writer.SealGathered(_loop, _client.Stream);

        Assert.Equal(0, _writer.Length);
        Assert.Equal(1, _client.RecordsSent);
        Assert.Equal("some words", ReceivedByServer());
    }

    [Fact]
    public void Full_records_go_by_and_the_rest_is_gathered()
    {
        byte[] data = new byte[(2 * RecordWriter.RecordSize) + 100];
        Random.Shared.NextBytes(data);

        _writer.Write(data, _loop, _client.Stream);

        Assert.Equal(100, _writer.Length);
        Assert.Equal(2, _client.RecordsSent);

        _writer.SealGathered(_loop, _client.Stream);
        Assert.Equal(Encoding.Latin1.GetString(data), ReceivedByServer());
    }

    [Fact]
    public void What_has_no_room_behind_the_rest_lets_that_go_first()
    {
        _writer.Write(new byte[RecordWriter.RecordSize - 10], _loop, _client.Stream);

        Assert.True(_writer.GetSpan(11, _loop, _client.Stream).Length >= 11);
        _writer.Advance(11);

        Assert.Equal(11, _writer.Length);
        Assert.Equal(1, _client.RecordsSent);
    }

    [Fact]
    public void While_nobody_seals_no_more_than_a_record_is_kept()
    {
        _writer.Write(new byte[RecordWriter.RecordSize + 10], _loop, null);
        Assert.Equal(10, _writer.Length);

        _writer.Write(new byte[RecordWriter.RecordSize - 20], _loop, null);
        _ = _writer.GetSpan(20, _loop, null);
        Assert.Equal(0, _writer.Length);
        Assert.Null(_writer.Error);
    }

    [Fact]
    public void What_is_dropped_is_never_sealed()
    {
        _writer.Write("secret"u8, _loop, _client.Stream);
        _writer.Drop(_loop);
        _writer.Drop(_loop);
        _writer.SealGathered(_loop, _client.Stream);

        Assert.Equal(0, _client.RecordsSent);
    }

    [Fact]
    public void The_end_is_said_once()
    {
        _writer.SealEnd(_client.Stream);
        Assert.Equal(1, _client.RecordsSent);

        _writer.SealEnd(_client.Stream);
        Assert.Equal(1, _client.RecordsSent);
        Assert.Equal("", ReceivedByServer());
    }

    [Fact]
    public void A_stream_that_does_not_take_it_is_an_error_and_what_follows_is_forgotten()
    {
        _client.Stream.Dispose();
        _ = _client.TakeSent();
        _writer.Write("late"u8, _loop, _client.Stream);
        Assert.Null(_writer.Error);

        _writer.SealGathered(_loop, _client.Stream);
        var error = _writer.Error;
        _writer.Write(new byte[3 * RecordWriter.RecordSize], _loop, _client.Stream);

        Assert.NotNull(error);
        Assert.Same(error, _writer.Error);
        Assert.Equal(0, _writer.Length);
        Assert.Equal(0, _client.RecordsSent);
    }

    private string ReceivedByServer()
    {
        var reader = new RecordReader();
        return _server.Receive(
            _client.TakeSent(),
            () =>
            {
                while (reader.Await(_server.Stream, _server.Pipe) && reader.Deliver(_server, _server.Stream))
                {
                }

                Assert.Null(reader.Error);
                return ((TlsEndHandler)_server.Handler).Received;
            });
    }
}
