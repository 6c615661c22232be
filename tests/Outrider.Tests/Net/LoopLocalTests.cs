using Outrider.Net.Loops;

namespace Outrider.Tests.Net;

/// <summary>What is kept with a loop is that loop's, and nothing else's of the kind.</summary>
public sealed class LoopLocalTests
{
    [Fact]
    public void Each_loop_keeps_its_own()
    {
        using EventLoop one = new(0), other = new(1);
        LoopLocal<string> names = new(), places = new();
        Assert.Null(names.Get(one));

        names.Set(one, "one");
        places.Set(one, "here");
        names.Set(other, "other");

        Assert.Equal(("one", "here", "other", null), (names.Get(one), places.Get(one), names.Get(other), places.Get(other)));

        names.Set(one, null);
        Assert.Equal((null, "here"), (names.Get(one), places.Get(one)));
    }
}
