using System.Runtime.CompilerServices;
using Outrider.Proxy.Streams;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Proxying;

/// <summary>Streams that wait to be used again.</summary>
public sealed class FreeStreamsTests
{
    [Fact]
    public async Task After_a_burst_those_that_nobody_needs_go()
    {
        await using var fixture = new LoopFixture();
        var free = new FreeStreams(fixture.Loop, unusedTime: 30);
        await fixture.Loop.InvokeAsync(() => Add(free, 200)).SoonAsync();

        // Written on the loop; once it is there it stays.
        await Eventually.HoldsAsync(() => free.Count == FreeStreams.MinFree);
        await fixture.Loop.InvokeAsync(() => Assert.NotNull(free.Take())).SoonAsync();
        Assert.Empty(fixture.Failures);
    }

    [Fact]
    public async Task Those_that_are_used_again_and_again_stay()
    {
        await using var fixture = new LoopFixture();
        var free = new FreeStreams(fixture.Loop, unusedTime: 1);
        int least = int.MaxValue;
        await fixture.Loop.InvokeAsync(() => Add(free, 100)).SoonAsync();
        for (int i = 0; i < 50; i++)
        {
            // Whatever the timer does in between, all are taken and given back.
            await fixture.Loop.InvokeAsync(() =>
            {
                var all = new List<ProxyStream>();
                while (free.Take() is { } stream)
                {
                    all.Add(stream);
                }

                all.ForEach(free.Add);
                least = Math.Min(least, all.Count);
            }).SoonAsync();
        }

        Assert.True(least >= FreeStreams.MinFree);
    }

    [Fact]
    public async Task None_is_given_twice_and_the_last_comes_first()
    {
        await using var fixture = new LoopFixture();
        var free = new FreeStreams(fixture.Loop);
        var first = Stream();
        var second = Stream();
        await fixture.Loop.InvokeAsync(() =>
        {
            free.Add(first);
            free.Add(second);
            Assert.Same(second, free.Take());
            Assert.Same(first, free.Take());
            Assert.Null(free.Take());
        }).SoonAsync();
    }

    private static void Add(FreeStreams free, int count)
    {
        for (int i = 0; i < count; i++)
        {
            free.Add(Stream());
        }
    }

    // Nothing of it is used but its place in the list.
    private static ProxyStream Stream() => (ProxyStream)RuntimeHelpers.GetUninitializedObject(typeof(ProxyStream));
}
