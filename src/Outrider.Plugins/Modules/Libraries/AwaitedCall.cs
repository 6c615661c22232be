using System.Runtime.ExceptionServices;

namespace Outrider.Plugins.Modules.Libraries;

/// <summary>A call that one thread makes and another one waits for, for a limited time. Each method is called once.</summary>
/// <param name="call">What is called.</param>
/// <param name="undo">Called after it when nobody waits any more.</param>
internal sealed class AwaitedCall(Action call, Action? undo)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ExceptionDispatchInfo? _failure;
    private AwaitedCallState _state;

    /// <summary>Has it returned, or been left out, whether somebody still waited or not?</summary>
    internal bool HasReturned => _returned.Task.IsCompleted;

    /// <summary>Waits for its return, and gives up then; its exception is thrown.</summary>
    /// <param name="patience">How long it may take to begin: others are before it, which have limits of their own.</param>
    /// <param name="limit">How long it may take from then on.</param>
    /// <returns>How far it had come.</returns>
    internal AwaitedCallState Wait(TimeSpan patience, TimeSpan limit)
    {
        if (_begun.Task.Wait(patience))
        {
            _ = _returned.Task.Wait(limit);
        }

        AwaitedCallState state;
        lock (_gate)
        {
            state = _state;
            if (state != AwaitedCallState.Returned)
            {
                _state = AwaitedCallState.Abandoned;
            }
        }

        if (state == AwaitedCallState.Returned)
        {
            _failure?.Throw();
        }

        return state;
    }

    /// <summary>Calls, unless nobody waits any more.</summary>
    /// <returns>Had its caller given up?</returns>
    internal bool Run()
    {
        lock (_gate)
        {
            if (_state == AwaitedCallState.Abandoned)
            {
                _begun.SetResult();
                _returned.SetResult();
                return true;
            }

            _state = AwaitedCallState.Running;
            _begun.SetResult();
        }

        try
        {
            call();
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }

        bool isLate;
        lock (_gate)
        {
            isLate = _state == AwaitedCallState.Abandoned;
            _state = isLate ? _state : AwaitedCallState.Returned;
        }

        _returned.SetResult();
        if (isLate)
        {
            undo?.Invoke();
        }

        return isLate;
    }
}
