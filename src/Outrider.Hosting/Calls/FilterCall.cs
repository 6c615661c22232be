using System.Runtime.CompilerServices;
using Outrider.Filters;

namespace Outrider.Hosting.Calls;

/// <summary>
/// One call into a filter that may not be done yet. A call that has completed costs nothing; one that has not is waited
/// for, and its end is told on the stream's loop, wherever it happened. One direction of one stream has one of these.
/// </summary>
internal sealed class FilterCall
{
    private readonly Action<SendOrPostCallback, object?> _post;
    private readonly Action _onEnded;
    private readonly Action _continuation;
    private ConfiguredValueTaskAwaitable<FilterAction>.ConfiguredValueTaskAwaiter _awaiter;

    /// <param name="post">Has work done on the stream's loop, later. Any thread.</param>
    /// <param name="onEnded">Told on the loop that the call has ended.</param>
    internal FilterCall(Action<SendOrPostCallback, object?> post, Action onEnded)
    {
        _post = post;
        _onEnded = onEnded;
        _continuation = OnCompleted;
    }

    /// <summary>Is a call under way?</summary>
    internal bool IsPending { get; private set; }

    /// <summary>True with the action when a call is done and has not failed: what nearly every call is, and nobody needs one of these for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsDone(ValueTask<FilterAction> call, out FilterAction action)
    {
        if (call.IsCompletedSuccessfully)
        {
            action = call.Result;
            return true;
        }

        action = default;
        return false;
    }

    /// <summary>True with the action when the call is done; false when it will be told of later.</summary>
    internal bool TryGet(ValueTask<FilterAction> call, out FilterAction action) => IsDone(call, out action) || TryGetOther(call, out action);

    /// <summary>The result of the call that has ended.</summary>
    /// <exception cref="Exception">Whatever the filter threw.</exception>
    internal FilterAction TakeResult()
    {
        var awaiter = _awaiter;
        _awaiter = default;
        return awaiter.GetResult();
    }

    // One that has failed, or has not ended.
    private bool TryGetOther(ValueTask<FilterAction> call, out FilterAction action)
    {
        action = default;
        // The continuation posts itself to the loop; going through its context would be a second trip.
        _awaiter = call.ConfigureAwait(false).GetAwaiter();
        if (_awaiter.IsCompleted)
        {
            // It has failed: this throws what it failed with.
            action = _awaiter.GetResult();
            return true;
        }

        IsPending = true;
        _awaiter.UnsafeOnCompleted(_continuation);
        return false;
    }

    private void OnCompleted()
    {
        // Never inline, even on the loop: the filter may have completed from inside another stream's event.
        _post(static state => ((FilterCall)state!).End(), this);
    }

    private void End()
    {
        IsPending = false;
        _onEnded();
    }
}
