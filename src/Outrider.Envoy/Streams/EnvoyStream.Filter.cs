using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Logging;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>What is called in the filter, and what becomes of its calls.</summary>
internal sealed partial class EnvoyStream
{
    /// <summary>The exchange is over; what Envoy knows of it can still be asked for.</summary>
    internal void OnComplete()
    {
        if (_configuration.IsResponseEndUnseen)
        {
            // Only who has the token needs to know whether the client had all of it.
            _responded |= _aborted is null || !AttributeCallbacks.TryGetNumber(_pointer, AttributeId.ResponseFlags, out ulong flags) || flags == 0;
        }

        if ((Methods & StreamFilterMethods.OnLog) == 0 || !EnsureFilter())
        {
            return;
        }

        CallFilter(static filter => filter.OnLog());
    }

    /// <summary>Makes the filter, if that has not been done. False: it could not be made, and the stream has failed.</summary>
    internal bool EnsureFilter()
    {
        if (_filter is not null && _context.IsAttached)
        {
            return true;
        }

        if (_filterFailed || _isOver)
        {
            return false;
        }

        try
        {
            _filter ??= _configuration.Factory.CreateFilter();
            _context.Attach(_filter);
            return true;
        }
        catch (Exception e)
        {
            _filterFailed = true;
            Fail(e);
            return false;
        }
    }

    /// <summary>The filter is about to be called. Returns what <see cref="LeaveFilter"/> wants.</summary>
    internal SynchronizationContext? EnterFilter(out StreamFilter filter)
    {
        _depth++;
        filter = _filter ?? throw new InvalidOperationException("the filter was not made");
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Scheduler);
        return outer;
    }

    internal void LeaveFilter(SynchronizationContext? outer)
    {
        SynchronizationContext.SetSynchronizationContext(outer);
        _depth--;
        if (!_isOver)
        {
            Scheduler.ArmIfPosted(_pointer);
        }
    }

    internal void OnFilterWaits()
    {
        _wasSuspended = true;
        if (!_isOver)
        {
            Scheduler.Arm(_pointer);
        }
    }

    /// <summary>A call that was waited for has ended, with an exception or without. True: the stream still lives, and that counts.</summary>
    internal bool OnFilterResumed(Exception? failure)
    {
        if (_isOver)
        {
            // Nobody waits for the answer any more, and that the stream could not be reached is no fault of the filter's.
            if (failure is not null && ModuleLog.IsEnabled(LogLevel.Debug))
            {
                ModuleLog.Write(LogLevel.Debug, $"filter '{FilterName}', after its stream had ended: {failure.GetType()}: {failure.Message}");
            }

            TryConclude();
            return false;
        }

        Version++;
        return true;
    }

    /// <summary>Envoy, or a filter, is about to answer in the place of the upstream. False: the stream is to end without an answer.</summary>
    internal bool OnLocalReply(int status, ReadOnlySpan<byte> details)
    {
        IsLocalReply = true;
        if (_replyIsTold)
        {
            _replyIsTold = false;
            return true;
        }

        return (Methods & StreamFilterMethods.OnLocalReply) == 0 || _filterFailed || !EnsureFilter() || AskFilter(status, System.Text.Encoding.UTF8.GetString(details));
    }

    /// <summary>The client takes the response more slowly than it comes.</summary>
    internal void OnResponseBlocked()
    {
        if (_blocked++ == 0 && (Methods & StreamFilterMethods.OnFlow) != 0 && EnsureFilter())
        {
            CallFilter(static filter => filter.OnResponseBlocked());
        }
    }

    /// <summary>The client has caught up.</summary>
    internal void OnResponseUnblocked()
    {
        if (_blocked == 0 || --_blocked > 0)
        {
            return;
        }

        _writer?.OnReady();
        if ((Methods & StreamFilterMethods.OnFlow) != 0 && EnsureFilter())
        {
            CallFilter(static filter => filter.OnResponseUnblocked());
        }
    }

    internal void LogFailure(Exception e) => ModuleLog.Error($"filter '{FilterName}': {e}");

    // Apart, because what a lambda captures costs an allocation wherever its method begins.
    private bool AskFilter(int status, string details)
    {
        bool send = true;
        CallFilter(filter => send = filter.OnLocalReply(status, details));
        return send;
    }

    /// <summary>Calls what is only told to the filter: that it throws changes nothing.</summary>
    private void CallFilter(Action<StreamFilter> call)
    {
        try
        {
            var outer = EnterFilter(out var filter);
            try
            {
                call(filter);
            }
            finally
            {
                LeaveFilter(outer);
            }
        }
        catch (Exception e)
        {
            LogFailure(e);
        }
    }
}
