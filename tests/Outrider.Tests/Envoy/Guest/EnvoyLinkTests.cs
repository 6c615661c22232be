extern alias guest;

using guest::Outrider.Envoy.Links;
using Outrider.Filters;

namespace Outrider.Tests.Envoy.Guest;

/// <summary>Envoy's side of a stream is there for its worker, and until its end.</summary>
public sealed class EnvoyLinkTests
{
    [Fact]
    public void The_worker_reaches_Envoy_until_the_streams_end()
    {
        var link = new EnvoyLink("f");
        link.Begin(17, 3, ThreadMark.Current);

        Assert.Equal(17, link.Pointer);
        Assert.Equal(3, link.Id);
        Assert.True(link.IsOnWorker);

        link.End(early: false);
        Assert.True(link.IsOver);
        Assert.False(link.IsOnWorker);
        Assert.Contains("the stream has ended", Assert.Throws<InvalidOperationException>(() => link.Pointer).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_thread_does_not_reach_it()
    {
        var link = new EnvoyLink("f");
        link.Begin(17, 3, ThreadMark.Current);
        Exception? thrown = null;
        bool isOnWorker = true;
        var thread = new Thread(() =>
        {
            isOnWorker = link.IsOnWorker;
            thrown = Record.Exception(() => link.Pointer);
        });
        thread.Start();
        thread.Join();

        Assert.False(isOnWorker);
        Assert.Contains("its own worker thread", Assert.IsType<InvalidOperationException>(thrown).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_end_before_its_time_is_told(bool early)
    {
        var link = new EnvoyLink("f");
        link.Begin(17, 3, ThreadMark.Current);
        var before = link.Aborted;

        link.End(early);
        link.TellAborted();

        Assert.Equal(early, before.IsCancellationRequested);
        Assert.Equal(early, link.Aborted.IsCancellationRequested);
        Assert.True(link.IsAbortedHeld);
    }

    [Fact]
    public void It_serves_another_stream_as_if_it_were_new()
    {
        var link = new EnvoyLink("f");
        link.Begin(17, 3, ThreadMark.Current);
        long version = link.Version;
        link.End(early: true);
        link.Reset();
        link.Begin(18, 4, ThreadMark.Current);

        Assert.Equal(18, link.Pointer);
        Assert.False(link.IsOver);
        Assert.False(link.IsAbortedHeld);
        Assert.False(link.Aborted.IsCancellationRequested);
        Assert.NotEqual(version, link.Version);
    }
}
