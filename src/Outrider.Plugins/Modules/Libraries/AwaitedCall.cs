using System.Runtime.ExceptionServices;

namespace Outrider.Plugins.Modules.Libraries;

/// <summary>A call that one thread makes and another one waits for, for a limited time. Each method is called once.</summary>
/// <param name="call">What is called.</param>
/// <param name="undo">Called after it when nobody waits any more.</param>
internal sealed class AwaitedCall(Action call, Action? undo)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ExceptionDispatchInfo? _failure;
    private AwaitedCallState _state;

    /// <summary>Has it returned, or been left out, whether somebody still waited or not?</summary>
    internal bool HasReturned => _returned.Task.IsCompleted;

    /// <summary>Waits for its return, and gives up then; its exception is thrown.</summary>
    /// <returns>How far it had come.</returns>
    internal AwaitedCallState Wait(TimeSpan limit)
    {
        _ = _returned.Task.Wait(limit);
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
                _returned.SetResult();
                return true;
            }

            _state = AwaitedCallState.Running;
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
