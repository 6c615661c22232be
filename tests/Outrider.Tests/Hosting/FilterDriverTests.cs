using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Tests.Hosting;

/// <summary>The rules of one filter on one message, without a base.</summary>
public sealed class FilterDriverTests
{
    private readonly ScriptedBase _base = new();
    private FilterDriver _driver;

    private Directive Head(bool endStream = false)
    {
        var sink = _base.Sink;
        return _driver.OnHead(ref sink, endStream);
    }

    private Directive Data(bool endStream = false, bool isEmpty = false)
    {
        var sink = _base.Sink;
        return _driver.OnData(ref sink, isEmpty, endStream);
    }

    private Directive Trailers()
    {
        var sink = _base.Sink;
        return _driver.OnTrailers(ref sink);
    }

    private Directive Resume()
    {
        var sink = _base.Sink;
        return _driver.OnAnswer(ref sink);
    }

    [Fact]
    public void A_filter_that_lets_pass_sees_head_pieces_and_trailers_in_order()
    {
        Assert.Equal(Directive.Pass, Head());
        Assert.Equal(Directive.Pass, Data());
        Assert.Equal(Directive.Pass, Data());
        Assert.Equal(Directive.Pass, Trailers());
        Assert.Equal([FilterWork.Headers, FilterWork.Data, FilterWork.Data, FilterWork.Trailers], _base.Called);
    }

    [Fact]
    public void What_a_filter_has_no_method_for_goes_on_unseen()
    {
        _base.Methods.Clear();
        Assert.Equal(Directive.Unseen, Head());
        Assert.Equal(Directive.Unseen, Data());
        Assert.Equal(Directive.Unseen, Trailers());
        Assert.Empty(_base.Called);
        Assert.Empty(_base.Log);
    }

    [Fact]
    public void An_empty_piece_is_shown_only_where_it_is_the_end()
    {
        Assert.Equal(Directive.Unseen, Data(isEmpty: true));
        Assert.Equal(Directive.Pass, Data(isEmpty: true, endStream: true));
        Assert.Equal([FilterWork.Data], _base.Called);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_filter_that_wants_all_of_it_is_called_once_with_the_last_piece_or_the_trailers(bool withTrailers)
    {
        _base.Answer = work => work == FilterWork.Headers ? FilterAction.WaitAllData : FilterAction.Continue;
        Assert.Equal(Directive.Collect, Head());
        Assert.True(_driver.IsCollecting);
        Assert.Equal(Directive.Collect, Data());
        Assert.Equal(Directive.Pass, withTrailers ? Trailers() : Data(endStream: true));
        Assert.Equal([FilterWork.Headers, FilterWork.Whole], _base.Called);
        Assert.True(_driver.IsDone);
        Assert.Equal(Directive.Unseen, Data());
        Assert.Equal(Directive.Unseen, Trailers());
    }

    [Fact]
    public void A_message_that_is_here_already_is_shown_whole_at_once()
    {
        _base.IsWhole = true;
        _base.Answer = work => work == FilterWork.Headers ? FilterAction.WaitAllData : FilterAction.Continue;
        Assert.Equal(Directive.Pass, Head(endStream: true));
        Assert.Equal(FilterWork.Whole, _driver.Work);
    }

    [Fact]
    public void What_has_no_end_is_not_waited_for()
    {
        _base.CanCollect = false;
        _base.Answer = _ => FilterAction.WaitAllData;
        Assert.Equal(Directive.Pass, Head());
        Assert.False(_driver.IsCollecting);
    }

    [Theory]
    [InlineData(nameof(FilterAction.WaitAllData))]
    [InlineData(nameof(FilterAction.ReMatchRoute))]
    [InlineData(nameof(FilterAction.ReChooseHost))]
    public void An_answer_that_belongs_to_heads_fails_the_stream_amid_a_body(string answer)
    {
        _base.Answer = _ => (FilterAction)typeof(FilterAction).GetProperty(answer)!.GetValue(null)!;
        Assert.Equal(Directive.Stop, Data());
        Assert.Equal(["enter", "leave", "fail"], _base.Log);
    }

    [Theory]
    [InlineData(false, ReceiverPhase.BeforeRoute, "MatchRoute", "Stop")]
    [InlineData(false, ReceiverPhase.AfterChooseHost, "MatchRoute", "ChooseHost")]
    [InlineData(true, ReceiverPhase.AfterChooseHost, "Stop", "Stop")]
    public void Route_and_host_are_chosen_again_for_requests_and_in_their_phases(bool response, ReceiverPhase phase, string route, string host)
    {
        foreach (var (answer, directive) in new[] { (FilterAction.ReMatchRoute, route), (FilterAction.ReChooseHost, host) })
        {
            _base.IsClosed = false;
            (_base.IsResponse, _base.Phase) = (response, phase);
            _base.Answer = _ => answer;
            Assert.Equal(directive, Head().ToString());
            Assert.Equal(directive == "Stop", _base.IsClosed);
        }
    }

    [Fact]
    public void A_reply_takes_the_place_of_the_message_where_that_can_still_be()
    {
        _base.Answer = _ => FilterAction.Reply(403);
        Assert.Equal(Directive.Stop, Head());
        Assert.Equal("reply", _base.Log[^1]);

        _base.IsClosed = _base.MayReply = false;
        Assert.Equal(Directive.Stop, Data());
        Assert.Equal("fail", _base.Log[^1]);
    }

    [Fact]
    public void A_response_is_not_replaced_by_one_that_is_written_piece_by_piece()
    {
        var streamed = FilterAction.Reply(new StreamedReply(200, static _ => Task.CompletedTask));
        _base.Answer = _ => streamed;
        Assert.Equal(Directive.Stop, Head());
        Assert.Equal("reply", _base.Log[^1]);

        _base.IsClosed = false;
        _base.IsResponse = true;
        Assert.Equal(Directive.Stop, Head());
        Assert.Equal("fail", _base.Log[^1]);
    }

    [Fact]
    public void A_call_that_has_not_ended_is_waited_for_and_its_answer_goes_on_where_it_stopped()
    {
        _base.Answer = _ => null;
        Assert.Equal(Directive.Wait, Head());
        Assert.Equal(["enter", "waits", "leave"], _base.Log);
        Assert.True(_base.Pending.IsPending);
        _base.Answer = _ => FilterAction.Continue;
        _base.Complete(FilterAction.WaitAllData);
        Assert.Equal(Directive.Collect, Resume());
        Assert.Equal(Directive.Pass, Data(endStream: true));
        Assert.Equal([FilterWork.Headers, FilterWork.Whole], _base.Called);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_late_call_throws_fails_a_stream_that_lives_and_nothing_else(bool lives)
    {
        _base.Answer = _ => null;
        _ = Data();
        _base.Lives = lives;
        _base.Throw(new TimeZoneNotFoundException());
        Assert.Equal(Directive.Stop, Resume());
        Assert.Equal(lives ? "fail" : "resumed", _base.Log[^1]);
    }

    [Fact]
    public void An_answer_to_a_message_that_goes_nowhere_any_more_does_nothing()
    {
        _base.Answer = _ => null;
        _ = Head();
        _base.IsClosed = true;
        _base.Complete(FilterAction.Reply(500));
        Assert.Equal(Directive.Stop, Resume());
        Assert.Equal("resumed", _base.Log[^1]);
    }

    [Fact]
    public void What_a_filter_throws_at_once_fails_after_the_call_is_left()
    {
        _base.Answer = _ => throw new TimeZoneNotFoundException();
        Assert.Equal(Directive.Stop, Head());
        Assert.Equal(["enter", "leave", "fail"], _base.Log);
    }

    [Fact]
    public void A_filter_that_keeps_the_message_sees_its_pieces_until_it_lets_go_of_all_of_it()
    {
        _base.Answer = work => work == FilterWork.Headers ? FilterAction.Hold : FilterAction.Continue;
        Assert.Equal(Directive.Collect, Head());
        Assert.True(_driver.IsHolding);
        Assert.Equal(Directive.Keep, Data());
        _base.Answer = _ => FilterAction.Release;
        Assert.Equal(Directive.Release, Data());
        Assert.Equal(Directive.Unseen, Data());
        Assert.False(_driver.OnReleased());
    }

    [Fact]
    public void A_filter_that_keeps_the_message_lets_go_of_it_with_the_trailers()
    {
        _base.Answer = work => work == FilterWork.Headers ? FilterAction.Hold : FilterAction.Continue;
        _ = Head();
        Assert.Equal(Directive.Release, Trailers());

        _driver = default;
        _ = Head();
        _ = _base.Methods.Remove(FilterWork.Trailers);
        Assert.Equal(Directive.Release, Trailers());
    }

    [Fact]
    public void A_filter_that_keeps_the_message_lets_go_of_it_outside_of_a_call_once()
    {
        _base.Answer = _ => FilterAction.Hold;
        _ = Head();
        Assert.True(_driver.OnReleased());
        Assert.False(_driver.OnReleased());
        Assert.Equal(Directive.Unseen, Data());
    }

    [Fact]
    public void A_filter_that_kept_bytes_in_a_streaming_body_lets_them_go_before_the_trailers()
    {
        _base.Answer = work => work == FilterWork.Trailers ? FilterAction.Release : FilterAction.Continue;
        _ = Head();
        _ = Data();
        Assert.Equal(Directive.ReleaseBody, Trailers());
    }

    [Fact]
    public void A_filter_sees_nothing_of_a_message_that_it_made_itself()
    {
        _driver.PassBy();
        Assert.Equal(Directive.Unseen, Data(endStream: true));
        Assert.Equal(Directive.Unseen, Trailers());
        Assert.Empty(_base.Called);
    }
}
