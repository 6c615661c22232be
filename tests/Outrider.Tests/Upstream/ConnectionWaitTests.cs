using Outrider.Http.Streams;
using Outrider.Upstream;

namespace Outrider.Tests.Upstream;

/// <summary>A waiter's place in a pool's queues, which is used again.</summary>
public sealed class ConnectionWaitTests
{
    [Fact]
    public void Who_waits_for_another_connection_stands_in_no_queue_of_before()
    {
        var before = new WaitQueue();
        var after = new WaitQueue();
        var wait = new ConnectionWait(new Waiter());
        wait.Begin(UpstreamProtocol.Http1, speaksHttp2: false);
        wait.Refusal = "too many";
        before.Add(wait);

        wait.Begin(UpstreamProtocol.Http2, speaksHttp2: true);

        Assert.Equal(0, before.Count);
        Assert.Null(wait.Queue);
        Assert.Null(wait.Refusal);
        Assert.Same(UpstreamProtocol.Http2, wait.Protocol);
        Assert.True(wait.SpeaksHttp2);
        after.Add(wait);
        Assert.Same(wait, after.Take());
    }

    [Fact]
    public void Who_gives_up_twice_or_for_nothing_changes_nothing()
    {
        var queue = new WaitQueue();
        var first = new ConnectionWait(new Waiter());
        var second = new ConnectionWait(new Waiter());
        first.Abandon();
        queue.Add(first);
        queue.Add(second);

        first.Abandon();
        first.Abandon();

        Assert.Equal(1, queue.Count);
        Assert.Same(second, queue.First);
    }

    private sealed class Waiter : IConnectionWaiter
    {
        public void OnConnectionReady(IUpstreamConnection connection)
        {
        }

        public void OnConnectionFailed(string reason, ConnectionFailure failure)
        {
        }
    }
}
