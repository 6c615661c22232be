using System.Text;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Tests.Modules;

/// <summary>What the chain is answered for what a module says, and what is kept meanwhile.</summary>
public sealed class ModuleDirectionTests
{
    private readonly ModuleEffects _effects = new();
    private readonly ModuleDirection _request, _response;

    public ModuleDirectionTests()
    {
        _request = new ModuleDirection(isResponse: false, _effects);
        _response = new ModuleDirection(isResponse: true, _effects);
    }

    [Fact]
    public void A_head_that_is_not_stopped_passes_and_takes_a_cleared_route_along()
    {
        Assert.Equal(FilterAction.Continue, Head(_request, HeadersStatus.Continue));

        _effects.ClearRoute();
        Assert.Equal(FilterAction.ReMatchRoute, Head(_request, HeadersStatus.Continue));
        Assert.Equal(FilterAction.Continue, Head(_request, HeadersStatus.Continue));
    }

    [Fact]
    public void A_response_matches_no_route()
    {
        _effects.ClearRoute();
        Assert.Equal(FilterAction.Continue, Head(_response, HeadersStatus.Continue));
    }

    [Fact]
    public void A_head_that_is_stopped_is_held_where_the_body_may_let_it_go()
    {
        Assert.Equal(FilterAction.Hold, Head(_request, HeadersStatus.StopIteration));
        Assert.False(_request.IsWaiting);

        Assert.Equal(FilterAction.Release, Body("ab", DataStatus.Continue).Answer);
        Assert.Equal(FilterAction.Continue, Body("cd", DataStatus.Continue).Answer);
    }

    [Fact]
    public async Task A_head_that_is_stopped_waits_where_nothing_else_may_let_it_go()
    {
        _request.ReceiveHead(endStream: true);
        var waiting = _request.AfterHeaders(HeadersStatus.StopIteration, seesBody: true).AsTask();

        Assert.False(waiting.IsCompleted);
        Assert.True(_request.IsWaiting);
        Assert.False(_request.Continue(out _));
        Assert.False(_request.IsWaiting);
        Assert.Equal(FilterAction.Continue, await waiting);
    }

    [Fact]
    public void What_the_module_let_go_in_its_hook_is_not_stopped_by_what_that_returned()
    {
        _effects.Continue(response: false);
        Assert.Equal(FilterAction.Continue, Head(_request, HeadersStatus.StopAllIterationAndBuffer));

        _effects.Continue(response: false);
        Assert.Equal(FilterAction.Continue, Body("ab", DataStatus.StopIterationAndBuffer).Answer);
        Assert.Equal(0, _request.HeldLength);
    }

    [Fact]
    public void Pieces_that_are_kept_are_in_front_of_the_one_that_goes()
    {
        Assert.Equal(FilterAction.Hold, Head(_request, HeadersStatus.StopIteration));
        Assert.Equal(("", FilterAction.Continue), Body("ab", DataStatus.StopIterationAndBuffer));
        Assert.Equal(("", FilterAction.Continue), Body("cd", DataStatus.StopIterationAndBuffer));
        Assert.Equal(4, _request.HeldLength);

        Assert.Equal(("abcdef", FilterAction.Release), Body("ef", DataStatus.Continue));
        Assert.Equal(0, _request.HeldLength);
    }

    [Fact]
    public void The_last_piece_is_with_the_others_when_the_module_is_told_of_it()
    {
        _ = Body("ab", DataStatus.StopIterationAndBuffer);
        var last = Piece("cd");

        _request.ReceivePiece(last, endStream: true);

        Assert.True(_request.ReceivedHeld);
        Assert.Equal("abcd", Encoding.ASCII.GetString(_request.Held.Span));
        Assert.True(last.IsEmpty);
    }

    [Fact]
    public void A_piece_that_is_not_kept_is_gone()
    {
        Assert.Equal(("", FilterAction.Continue), Body("ab", DataStatus.StopIterationNoBuffer));
        Assert.Equal(0, _request.HeldLength);
    }

    [Fact]
    public void More_than_the_limit_is_too_large_and_nothing_is_kept()
    {
        _request.ReceivePiece(Piece("abc"), endStream: false);
        _ = Answer(_request.AfterBody(DataStatus.StopIterationAndBuffer, endStream: false, limit: 2, out bool isTooLarge));

        Assert.True(isTooLarge);
        Assert.Null(_request.Piece);
        Assert.Equal(0, _request.HeldLength);
    }

    [Fact]
    public async Task With_a_watermark_the_limit_stops_the_body_until_the_module_goes_on()
    {
        var piece = Piece("abc");
        _request.ReceivePiece(piece, endStream: false);
        var waiting = _request.AfterBody(DataStatus.StopIterationAndWatermark, endStream: false, limit: 2, out bool isTooLarge).AsTask();

        Assert.False(isTooLarge || waiting.IsCompleted);
        Assert.False(_request.Continue(out _));
        Assert.Equal(FilterAction.Continue, await waiting);
        Assert.Equal("abc", Encoding.ASCII.GetString(piece.Span));
        Assert.Null(_request.Piece);
    }

    [Fact]
    public void Trailers_take_along_what_is_kept()
    {
        _ = Body("ab", DataStatus.StopIterationAndBuffer);
        Assert.Equal(FilterAction.Release, Answer(_request.AfterTrailers(TrailersStatus.Continue)));
    }

    [Fact]
    public void What_nobody_waits_for_the_chain_lets_go()
    {
        Assert.False(_request.Continue(out _));

        Assert.Equal(FilterAction.Hold, Head(_request, HeadersStatus.StopIteration));
        _effects.ClearRoute();
        Assert.True(_request.Continue(out bool clearRoute));
        Assert.True(clearRoute);
        Assert.False(_request.Continue(out _));

        _ = Body("ab", DataStatus.StopIterationAndBuffer);
        Assert.True(_request.Continue(out clearRoute));
        Assert.False(clearRoute);
        var destination = new BodyHold();
        _request.TakeHeld(destination);
        Assert.Equal("ab", Encoding.ASCII.GetString(destination.Span));
        Assert.Equal(0, _request.HeldLength);
    }

    [Fact]
    public void A_body_that_the_module_made_where_none_came_goes_with_the_head()
    {
        _request.ReceiveHead(endStream: true);
        _request.Held.Append("made"u8);
        Assert.Equal(FilterAction.Release, Answer(_request.AfterHeaders(HeadersStatus.Continue, seesBody: true)));
    }

    [Fact]
    public void Nothing_is_left_for_the_next_stream()
    {
        Assert.Equal(FilterAction.Hold, Head(_request, HeadersStatus.StopIteration));
        _ = Body("ab", DataStatus.StopIterationAndBuffer);

        _request.Reset();

        Assert.Equal(0, _request.HeldLength);
        Assert.Null(_request.Piece);
        Assert.False(_request.Continue(out _));
        Assert.Equal(FilterAction.Continue, Body("cd", DataStatus.Continue).Answer);
    }

    private static BodyHold Piece(string text)
    {
        var piece = new BodyHold();
        piece.Append(Encoding.ASCII.GetBytes(text));
        return piece;
    }

    // What the chain is answered at once.
    private static FilterAction Answer(ValueTask<FilterAction> call)
    {
        var task = call.AsTask();
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }

    private static FilterAction Head(ModuleDirection direction, HeadersStatus status)
    {
        direction.ReceiveHead(endStream: false);
        return Answer(direction.AfterHeaders(status, seesBody: true));
    }

    // What is left of the piece for the chain, and the chain's answer.
    private (string Left, FilterAction Answer) Body(string text, DataStatus status)
    {
        var piece = Piece(text);
        _request.ReceivePiece(piece, endStream: false);
        var answer = Answer(_request.AfterBody(status, endStream: false, limit: 100, out bool isTooLarge));
        Assert.False(isTooLarge);
        return (Encoding.ASCII.GetString(piece.Span), answer);
    }
}
