extern alias guest;

using guest::Outrider.Envoy.Configuration;
using guest::Outrider.Envoy.Streams;
using Outrider.Filters;

namespace Outrider.Tests.Envoy.Guest;

/// <summary>The streams of one configuration on one worker.</summary>
public sealed class WorkerPoolTests
{
    [Fact]
    public void All_that_live_on_a_worker_are_one_user_of_the_configuration()
    {
        var factory = new Factory();
        var configuration = new ModuleConfiguration("f", factory);
        var one = new WorkerPool(configuration, 1);
        var other = new WorkerPool(configuration, 2);
        Assert.True(one.TryRetain());
        Assert.True(one.TryRetain());
        Assert.True(other.TryRetain());

        // Envoy lets go of it while streams live.
        Assert.False(configuration.Release());
        Assert.False(one.Release());
        Assert.True(other.Release());
        Assert.False(configuration.Release());
        Assert.False(factory.IsDisposed);

        // One more begins beside the last that lives.
        Assert.True(one.TryRetain());
        Assert.False(one.Release());
        Assert.True(one.Release());
        Assert.True(configuration.Release());
        Assert.True(factory.IsDisposed);
    }

    [Fact]
    public void None_begins_once_nobody_uses_the_configuration()
    {
        var configuration = new ModuleConfiguration("f", new Factory());
        var pool = new WorkerPool(configuration, 1);
        Assert.True(configuration.Release());

        Assert.False(pool.TryRetain());
        Assert.False(pool.TryRetain());
    }

    private sealed class Factory : IStreamFilterFactory, IDisposable
    {
        internal bool IsDisposed { get; private set; }

        public ReceiverPhase Phase => ReceiverPhase.BeforeRoute;

        public StreamFilterMethods Methods => StreamFilterMethods.None;

        public StreamFilter CreateFilter() => throw new NotSupportedException();

        public void Dispose() => IsDisposed = true;
    }
}
