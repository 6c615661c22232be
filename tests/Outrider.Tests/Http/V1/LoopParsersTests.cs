using Outrider.Http.V1.Parsing;

namespace Outrider.Tests.Http.V1;

/// <summary>Who reads a head gets the parser that read the last one, and nobody else's. Each test on a thread of its own, whose parsers nobody has used.</summary>
public sealed class LoopParsersTests
{
    [Fact]
    public void The_parser_that_was_given_back_is_the_next()
        => OnAThread(() =>
        {
            var request = LoopParsers.TakeRequest();
            var response = LoopParsers.TakeResponse();
            LoopParsers.GiveBack(request);
            LoopParsers.GiveBack(response);

            Assert.Same(request, LoopParsers.TakeRequest());
            Assert.Same(response, LoopParsers.TakeResponse());
        });

    [Fact]
    public void Heads_that_are_incomplete_at_once_have_one_each()
        => OnAThread(() =>
        {
            var one = LoopParsers.TakeRequest();
            var other = LoopParsers.TakeRequest();
            Assert.NotSame(one, other);

            LoopParsers.GiveBack(other);
            LoopParsers.GiveBack(one);
            Assert.Same(one, LoopParsers.TakeRequest());
            Assert.NotSame(other, LoopParsers.TakeRequest());
        });

    [Fact]
    public void Another_thread_has_its_own()
        => OnAThread(() =>
        {
            var here = LoopParsers.TakeResponse();
            LoopParsers.GiveBack(here);
            OnAThread(() => Assert.NotSame(here, LoopParsers.TakeResponse()));
            Assert.Same(here, LoopParsers.TakeResponse());
        });

    private static void OnAThread(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(test));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
