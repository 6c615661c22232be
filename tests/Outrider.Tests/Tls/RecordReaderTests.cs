using System.Text;
using Outrider.Net.Loops;
using Outrider.Net.Tls;

namespace Outrider.Tests.Tls;

/// <summary>What is opened, when, and what becomes of it when the handler does not take it.</summary>
public sealed class RecordReaderTests : IDisposable
{
    // Never started: this thread is the loop's.
    private readonly EventLoop _loop = new(0);
    private readonly TestAcceptor _acceptor = new();
    private readonly TlsEndHandler _handler = new();
    private readonly TlsEnd _client, _server;
    private RecordReader _reader;

    public RecordReaderTests()
    {
        (_client, _server) = TlsEnd.Pair(_loop, _acceptor, _handler);
        _ = _client.TakeSent();
    }

    public void Dispose()
    {
        _reader.Drop();
        _client.Dispose();
        _server.Dispose();
        _acceptor.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public void Nothing_is_opened_before_its_record_is_there()
    {
        byte[] record = Sealed("hello");

        Assert.False(Await([]));
        Assert.False(Await(record[..^1]));
        Assert.False(_reader.IsReadable);
        Assert.True(Await(record[^1..]));
        Assert.True(_reader.IsReadable);
        Assert.True(Deliver());
        Assert.Equal("hello", _handler.Received);
        Assert.False(_reader.IsReadable);
        Assert.Null(_reader.Error);
    }

    [Fact]
    public void What_the_handler_left_comes_again_before_anything_newer()
    {
        _handler.Takes = 1;

        Assert.True(Await(Sealed("one")));
        Assert.True(Deliver());
        Assert.True(_reader.IsReadable);
        Assert.True(Deliver(Sealed("two")));
        Assert.Equal("on", _handler.Received);

        _handler.Takes = int.MaxValue;
        Assert.True(Deliver());
        Assert.Equal("one", _handler.Received);
        Assert.False(_reader.IsReadable);

        Assert.True(Await([]));
        Assert.True(Deliver());
        Assert.Equal("onetwo", _handler.Received);
        Assert.Equal(4, _handler.Calls);
    }

    [Fact]
    public void What_is_dropped_does_not_come_again()
    {
        _handler.Takes = 0;
        Assert.True(Await(Sealed("gone")));
        Assert.True(Deliver());

        _reader.Drop();

        Assert.False(_reader.IsReadable);
        Assert.Equal("", _handler.Received);
    }

    [Fact]
    public void A_handler_that_ends_it_all_with_what_comes_again_is_no_surprise()
    {
        _handler.Takes = 1;
        Assert.True(Await(Sealed("end")));
        Assert.True(Deliver());

        _handler.Does = () => _reader.Drop();
        Assert.True(Deliver());

        Assert.False(_reader.IsReadable);
    }

    [Fact]
    public void The_peers_last_word_is_the_end_and_no_error()
    {
        _ = _client.Stream.ShutdownAsync();

        Assert.True(Await(_client.TakeSent()));
        Assert.False(Deliver());
        Assert.Null(_reader.Error);
        Assert.False(_server.Pipe.HasEnded);
    }

    [Fact]
    public void A_record_that_was_changed_on_its_way_is_an_error()
    {
        byte[] record = Sealed("hello");
        record[^1] ^= 1;

        Assert.False(Await(record) && Deliver());
        Assert.NotNull(_reader.Error);
        Assert.Equal(0, _handler.Calls);
    }

    private byte[] Sealed(string text)
    {
        Assert.True(_client.Stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask().IsCompletedSuccessfully);
        return _client.TakeSent();
    }

    private bool Await(byte[] bytes) => _server.Receive(bytes, () => _reader.Await(_server.Stream, _server.Pipe));

    private bool Deliver(byte[]? meanwhile = null) => _server.Receive(meanwhile ?? [], () => _reader.Deliver(_server, _server.Stream));
}
