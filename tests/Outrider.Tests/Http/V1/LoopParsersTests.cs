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
        Assert.Same(RequestHeadParser.OfLoops.Get(_loop), RequestHeadParser.OfLoops.Get(_loop));
        Assert.Same(ResponseHeadParser.OfLoops.Get(_loop), ResponseHeadParser.OfLoops.Get(_loop));
        Assert.NotSame(RequestHeadParser.OfLoops.Get(_loop), RequestHeadParser.OfLoops.Get(_other));
        Assert.NotSame(ResponseHeadParser.OfLoops.Get(_loop), ResponseHeadParser.OfLoops.Get(_other));
    }

    [Fact]
    public void One_that_is_kept_is_nobody_elses_until_it_is_given_back()
    {
        var one = RequestHeadParser.OfLoops.Get(_loop);
        RequestHeadParser.OfLoops.Keep(_loop, one);
        var two = RequestHeadParser.OfLoops.Get(_loop);
        Assert.NotSame(one, two);

        RequestHeadParser.OfLoops.Keep(_loop, two);
        var three = RequestHeadParser.OfLoops.Get(_loop);
        // Of a head that comes in three pieces: kept twice.
        RequestHeadParser.OfLoops.Keep(_loop, one);
        Assert.Same(three, RequestHeadParser.OfLoops.Get(_loop));

        RequestHeadParser.OfLoops.GiveBack(_loop, one);
        Assert.Same(one, RequestHeadParser.OfLoops.Get(_loop));
    }

    [Fact]
    public void Parsers_of_responses_are_kept_likewise()
    {
        var one = ResponseHeadParser.OfLoops.Get(_loop);
        ResponseHeadParser.OfLoops.Keep(_loop, one);
        Assert.NotSame(one, ResponseHeadParser.OfLoops.Get(_loop));

        ResponseHeadParser.OfLoops.GiveBack(_loop, one);
        Assert.Same(one, ResponseHeadParser.OfLoops.Get(_loop));
    }
}
