using CsCheck;
using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Tests.Hosting;

/// <summary>What holds of a filter on a message whatever the message, whatever the filter answers, at once or later.</summary>
public sealed class FilterDriverPropertyTests
{
    private static readonly FilterAction[] s_answers =
    [
        FilterAction.Continue, FilterAction.WaitAllData, FilterAction.Hold, FilterAction.Release, FilterAction.ReMatchRoute, FilterAction.ReChooseHost,
        FilterAction.Terminate, FilterAction.Reply(403), FilterAction.Reply(new StreamedReply(200, static _ => Task.CompletedTask)),
    ];

    private static readonly Gen<(int Pieces, bool Trailers, bool Response, bool CanCollect, int Methods, int[] Answers, bool[] Late)> s_lives =
        from pieces in Gen.Int[0, 4]
        from trailers in Gen.Bool
        from response in Gen.Bool
        from canCollect in Gen.Bool
        from methods in Gen.Int[0, 7]
        // Continue is as likely as all others, so that lives are long enough to be of interest.
        from answers in Gen.OneOf(Gen.Const(0), Gen.Int[0, s_answers.Length - 1]).Array[8]
        from late in Gen.Bool.Array[8]
        select (pieces, trailers, response, canCollect, methods, answers, late);

    [Fact]
    public void A_filter_sees_a_message_once_in_order_and_nothing_after_it_has_answered_it()
        => s_lives.Sample(life => Run(life.Pieces, life.Trailers, life.Response, life.CanCollect, life.Methods, life.Answers, life.Late), iter: 20_000);

    private static void Run(int pieces, bool trailers, bool response, bool canCollect, int methods, int[] answers, bool[] late)
    {
        var here = new ScriptedBase { IsResponse = response, CanCollect = canCollect };
        here.Methods.RemoveWhere(work => work != FilterWork.Whole && (methods & (1 << (int)work)) == 0);
        int asked = 0;
        here.Answer = _ => late[asked % late.Length] ? null : s_answers[answers[asked++ % answers.Length]];
        var driver = default(FilterDriver);
        var sink = here.Sink;
        bool over = false, keptHead = false;
        here.IsWhole = pieces == 0 && !trailers;
        Step(driver.OnHead(ref sink, here.IsWhole));
        for (int i = 1; i <= pieces && !over; i++)
        {
            here.IsWhole = i == pieces && !trailers;
            Step(driver.OnData(ref sink, isEmpty: false, here.IsWhole));
        }

        if (trailers && !over)
        {
            here.IsWhole = true;
            Step(driver.OnTrailers(ref sink));
        }

        var called = here.Called;
        Assert.Equal(called.Count(work => work == FilterWork.Headers), (methods & 1) != 0 ? 1 : 0);
        Assert.True(called.Count(work => work == FilterWork.Whole) <= 1);
        Assert.True(called.Count(work => work == FilterWork.Trailers) <= 1);
        Assert.True(!called.Contains(FilterWork.Whole) || called.LastIndexOf(FilterWork.Whole) == called.Count - 1);
        Assert.True(!called.Contains(FilterWork.Trailers) || called.LastIndexOf(FilterWork.Trailers) == called.Count - 1);
        Assert.True(here.Log.Count(entry => entry is "reply" or "terminate" or "fail") <= 1);
        Assert.Equal(here.Log.Count(entry => entry == "enter"), here.Log.Count(entry => entry == "leave"));
        Assert.Equal(here.IsClosed, here.Log.Any(entry => entry is "reply" or "terminate" or "fail"));

        void Step(Directive directive)
        {
            if (directive == Directive.Wait)
            {
                Assert.True(here.Pending.IsPending);
                // What the filter is asked on from there, it answers at once: one life waits once for each event.
                var answer = s_answers[answers[asked++ % answers.Length]];
                var before = here.Answer;
                here.Answer = _ => s_answers[answers[asked++ % answers.Length]];
                here.Complete(answer);
                directive = driver.OnAnswer(ref sink);
                here.Answer = before;
            }

            Assert.False(here.Pending.IsPending);
            Assert.Equal(here.IsClosed, directive == Directive.Stop);
            Assert.False(response && directive is Directive.MatchRoute or Directive.ChooseHost);
            Assert.False(directive is Directive.Release or Directive.ReleaseAndMatchRoute && !keptHead);
            keptHead = driver.IsHolding;
            over = here.IsClosed;
        }
    }
}
