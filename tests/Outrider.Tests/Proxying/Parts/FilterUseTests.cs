using Outrider.Proxy.FilterChains;

namespace Outrider.Tests.Proxying.Parts;

/// <summary>Which streams use the filters of one configuration.</summary>
public sealed class FilterUseTests
{
    [Fact]
    public void Places_of_streams_that_ended_are_used_again_and_only_those_that_run_are_ended()
    {
        var use = new FilterUse(new FilterSet([]));
        var streams = Enumerable.Range(0, 20).Select(_ => new User()).ToArray();
        int[] places = [.. streams.Select(use.Begin)];
        Assert.Equal(20, places.Distinct().Count());

        for (int i = 0; i < 20; i += 2)
        {
            use.End(places[i]);
        }

        var late = new User();
        int place = use.Begin(late);
        Assert.Equal(places[18], place);

        Assert.Equal(11, use.EndStreams("because"));
        Assert.All(streams.Where((_, i) => i % 2 == 1).Append(late), stream => Assert.Equal("because", stream.Ended));
        Assert.All(streams.Where((_, i) => i % 2 == 0), stream => Assert.Null(stream.Ended));
    }

    [Fact]
    public void It_is_over_when_it_has_been_retired_and_its_last_stream_has_ended()
    {
        var use = new FilterUse(new FilterSet([]));
        int one = use.Begin(new User()), other = use.Begin(new User());
        use.Retire();
        use.End(one);
        Assert.False(use.IsOver);

        use.End(other);
        Assert.True(use.IsOver);
        Assert.Equal(0, use.EndStreams("because"));
    }

    private sealed class User : IFilterUser
    {
        public string? Ended { get; private set; }

        public void EndEarly(string reason) => Ended = reason;
    }
}
