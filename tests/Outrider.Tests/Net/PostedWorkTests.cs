using Outrider.Net.Loops;

namespace Outrider.Tests.Net;

/// <summary>What is posted to a loop runs in turn, and no more of it than was there.</summary>
public sealed class PostedWorkTests : IDisposable
{
    private readonly List<Exception> _failures = [];
    private readonly List<string> _done = [];
    private readonly EventLoop _loop;
    private readonly PostedWork _work;

    public PostedWorkTests()
    {
        _loop = new EventLoop(0) { UnhandledException = _failures.Add };
        _work = new PostedWork(_loop);
    }

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void What_it_posts_itself_has_its_turn_the_next_time()
    {
        _work.Add(_ => _work.Add(state => _done.Add((string)state!), "second"), null);
        _work.Add(state => _done.Add((string)state!), "first");

        _work.Run();
        Assert.Equal(["first"], _done);
        Assert.False(_work.IsEmpty);

        _work.Run();
        Assert.Equal(["first", "second"], _done);
        Assert.True(_work.IsEmpty);
    }

    [Fact]
    public void What_fails_is_reported_and_the_next_runs()
    {
        long before = _loop.CallbackCount;
        _work.Add(_ => throw new FormatException("odd"), null);
        _work.Add(_ => _done.Add("next"), null);

        _work.Run();

        Assert.Equal("odd", Assert.IsType<FormatException>(Assert.Single(_failures)).Message);
        Assert.Equal(["next"], _done);
        Assert.Equal(2, _loop.CallbackCount - before);
    }
}
