using Outrider.Hosting.Ends;

namespace Outrider.Tests.Hosting;

/// <summary><c>Stream.Aborted</c> is the one thing of a stream that any thread may ask for.</summary>
public sealed class EarlyEndTests
{
    private const int Rounds = 20_000;
    private const int Threads = 4;

    [Fact]
    public void It_is_held_by_whoever_has_asked()
    {
        var end = new Held();
        Assert.False(end.Part.IsHeld);

        _ = end.Part.Token;
        Assert.True(end.Part.IsHeld);

        end.Part.Reset();
        Assert.False(end.Part.IsHeld);
    }

    [Fact]
    public void All_that_ask_at_once_get_the_token_that_is_cancelled()
    {
        var end = new Held();
        var tokens = new CancellationToken[Threads];
        int wrong = 0;
        using var barrier = new Barrier(Threads + 1);
        var threads = Enumerable.Range(0, Threads).Select(i => new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                barrier.SignalAndWait();
                tokens[i] = end.Part.Token;
                barrier.SignalAndWait();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        for (int round = 0; round < Rounds; round++)
        {
            barrier.SignalAndWait();
            if (round % 2 == 0)
            {
                // While they ask: whoever asks then has to see it too.
                end.Part.Come();
                end.Part.Tell();
            }

            barrier.SignalAndWait();
            end.Part.Come();
            end.Part.Tell();
            wrong += tokens.Count(token => !token.IsCancellationRequested || token != tokens[0]);
            end.Part.Reset();
        }

        threads.ForEach(thread => thread.Join());
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void One_that_is_asked_for_after_the_end_is_cancelled()
    {
        var end = new Held();
        end.Part.Come();
        end.Part.Tell();

        Assert.True(end.Part.Token.IsCancellationRequested);
    }

    // A part of its stream: a field, and not a copy of one.
    private sealed class Held
    {
        internal EarlyEnd Part;
    }
}
