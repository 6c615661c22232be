using System.Runtime.CompilerServices;
using Outrider.Filters;
using Outrider.Net.Loops;

namespace Outrider.Proxy.Network;

/// <summary>One call into a network filter that may end later, and whose end is told on the loop. A part of its direction.</summary>
/// <param name="loop">The loop.</param>
/// <param name="onEnded">Told that the call has ended, on the loop, never from within the call.</param>
internal sealed class NetworkCall(EventLoop loop, Action onEnded)
{
    private ConfiguredValueTaskAwaitable<NetworkAction>.ConfiguredValueTaskAwaiter _awaiter;
    private Action? _completed;

    /// <summary>Is a call under way?</summary>
    internal bool IsPending { get; private set; }

    /// <summary>True with the action when the call is done; false when it will be told of later.</summary>
    internal bool TryGet(ValueTask<NetworkAction> call, out NetworkAction action)
    {
        var awaiter = call.ConfigureAwait(false).GetAwaiter();
        if (awaiter.IsCompleted)
        {
            action = awaiter.GetResult();
            return true;
        }

        action = default;
        IsPending = true;
        _awaiter = awaiter;
        // The filter may end in another connection's event, or on another thread.
        _awaiter.UnsafeOnCompleted(_completed ??= () => loop.Post(static state => ((NetworkCall)state!).End(), this));
        return false;
    }

    /// <summary>What the call that has ended wants.</summary>
    /// <exception cref="Exception">Whatever the filter threw.</exception>
    internal NetworkAction TakeResult()
    {
        var awaiter = _awaiter;
        _awaiter = default;
        return awaiter.GetResult();
    }

    private void End()
    {
        IsPending = false;
        onEnded();
    }
}
