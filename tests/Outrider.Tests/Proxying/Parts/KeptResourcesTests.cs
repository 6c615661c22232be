using Outrider.Proxy.Streams.Records;

namespace Outrider.Tests.Proxying.Parts;

/// <summary>What is disposed of when a stream has no filters any more.</summary>
public sealed class KeptResourcesTests
{
    [Fact]
    public void Each_is_disposed_of_once()
    {
        var kept = new KeptResources();
        var first = new Counted();
        kept.Release();
        kept.Add(first);
        kept.Release();
        kept.Release();

        Assert.Equal(1, first.Disposed);
    }

    private sealed class Counted : IDisposable
    {
        internal int Disposed { get; private set; }

        public void Dispose() => Disposed++;
    }
}
