using Outrider.Net.Loops;
using Outrider.Net.Timers;
using Outrider.Configuration.Model;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>The pause before another try: drawn from nothing up to a longest one that doubles with each try, so that tries of many requests do not come together. On the loop.</summary>
internal sealed class RetryDelay(EventLoop loop, Action over) : LoopTimer
{
    /// <summary>The pause begins.</summary>
    /// <param name="policy">How long.</param>
    /// <param name="tries">How many tries there were, 1 at least.</param>
    /// <param name="random">Draws.</param>
    /// <returns>False: there is none.</returns>
    internal bool Begin(RetryPolicyConfiguration policy, int tries, LoopRandom random)
    {
        double longest = Math.Min(policy.MaxBackOff.TotalMilliseconds, policy.BaseBackOff.TotalMilliseconds * (1 << Math.Min(tries - 1, 16)));
        uint pause = random.Next((uint)longest + 1);
        if (pause == 0)
        {
            return false;
        }

        loop.Arm(this, pause);
        return true;
    }

    /// <summary>Nobody waits for it any more.</summary>
    internal void End() => EventLoop.Disarm(this);

    protected override void OnTimer() => over();
}
