using Outrider.Filters;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Tests.Modules;

/// <summary>What a module asked for is kept until it is done, and no longer.</summary>
public sealed class ModuleEffectsTests
{
    private readonly ModuleEffects _effects = new();

    [Fact]
    public void Each_message_is_let_go_by_itself_and_once()
    {
        Assert.False(_effects.HasAny);
        _effects.Continue(response: true);

        Assert.True(_effects.HasAny);
        Assert.True(_effects.WantsContinue(response: true));
        Assert.False(_effects.TakeContinue(response: false));
        Assert.True(_effects.TakeContinue(response: true));
        Assert.False(_effects.TakeContinue(response: true));
    }

    [Fact]
    public void The_first_answer_counts()
    {
        var first = new LocalReply(401);
        _effects.Answer(first);
        _effects.Answer(new LocalReply(402));

        Assert.Same(first, _effects.Reply);
        Assert.True(_effects.EndsStream);
        _effects.DropReply();
        Assert.False(_effects.EndsStream);
    }

    [Fact]
    public void A_route_that_is_to_be_matched_again_waits_for_the_request_to_go_on()
    {
        _effects.ClearRoute();
        _effects.Settle(more: false);
        Assert.True(_effects.HasAny);

        Assert.True(_effects.TakeClearRoute());
        Assert.False(_effects.TakeClearRoute());
        _effects.Settle(more: true);
        Assert.True(_effects.HasAny);
        _effects.Settle(more: false);
        Assert.False(_effects.HasAny);
    }

    [Fact]
    public void Nothing_is_left_for_the_next_stream()
    {
        _effects.Continue(response: false);
        _effects.Continue(response: true);
        _effects.ClearRoute();
        _effects.Answer(new LocalReply(401));
        _effects.Reset("why");
        Assert.True(_effects.Resets);
        Assert.Equal("why", _effects.ResetDetails);

        _effects.Forget();

        Assert.False(_effects.HasAny || _effects.EndsStream || _effects.Resets);
        Assert.Null(_effects.ResetDetails);
        Assert.False(_effects.TakeContinue(response: false) || _effects.TakeContinue(response: true) || _effects.TakeClearRoute());
    }
}
