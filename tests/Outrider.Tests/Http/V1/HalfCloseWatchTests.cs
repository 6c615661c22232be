using Outrider.Http.V1.Server;

namespace Outrider.Tests.Http.V1;

/// <summary>Whether a client that has shut down its side gets on with its answer.</summary>
public sealed class HalfCloseWatchTests
{
    [Fact]
    public void It_moves_as_long_as_something_goes_out_between_two_looks()
    {
        var watch = default(HalfCloseWatch);
        watch.Begin();
        Assert.True(watch.HasMoved);

        watch.Look();
        Assert.False(watch.HasMoved);
        watch.Sent(0);
        Assert.False(watch.HasMoved);
        watch.Sent(1);
        Assert.True(watch.HasMoved);
        watch.Look();
        Assert.False(watch.HasMoved);
    }

    [Fact]
    public void Each_response_has_a_first_look()
    {
        var watch = default(HalfCloseWatch);
        watch.Begin();
        watch.Look();
        watch.Begin();
        Assert.True(watch.HasMoved);
    }
}
