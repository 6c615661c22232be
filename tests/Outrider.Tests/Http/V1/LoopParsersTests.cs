using Outrider.Http.V1.Parsing;
using Outrider.Net.Loops;

namespace Outrider.Tests.Http.V1;

/// <summary>Who reads a head gets the parser that read the last one, unless that one is still at work.</summary>
public sealed class LoopParsersTests : IDisposable
{
    private readonly EventLoop _loop = new(0);
    private readonly EventLoop _other = new(1);

    public void Dispose()
    {
        _loop.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void A_loop_has_one_parser_and_another_loop_another()
    {
        Assert.Same(LoopParsers.Request(_loop), LoopParsers.Request(_loop));
        Assert.Same(LoopParsers.Response(_loop), LoopParsers.Response(_loop));
        Assert.NotSame(LoopParsers.Request(_loop), LoopParsers.Request(_other));
        Assert.NotSame(LoopParsers.Response(_loop), LoopParsers.Response(_other));
    }

    [Fact]
    public void One_that_is_kept_is_nobody_elses_until_it_is_given_back()
    {
        var one = LoopParsers.Request(_loop);
        LoopParsers.Keep(_loop, one);
        var two = LoopParsers.Request(_loop);
        Assert.NotSame(one, two);

        LoopParsers.Keep(_loop, two);
        var three = LoopParsers.Request(_loop);
        // Of a head that comes in three pieces: kept twice.
        LoopParsers.Keep(_loop, one);
        Assert.Same(three, LoopParsers.Request(_loop));

        LoopParsers.GiveBack(_loop, one);
        Assert.Same(one, LoopParsers.Request(_loop));
    }

    [Fact]
    public void Parsers_of_responses_are_kept_likewise()
    {
        var one = LoopParsers.Response(_loop);
        LoopParsers.Keep(_loop, one);
        Assert.NotSame(one, LoopParsers.Response(_loop));

        LoopParsers.GiveBack(_loop, one);
        Assert.Same(one, LoopParsers.Response(_loop));
    }
}
