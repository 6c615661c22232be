using System.Runtime.CompilerServices;
using Outrider.Envoy.Logging;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// The filter of one stream: made when it is first needed, called with the way back for its awaits, ended once. Lives, and is used again, with
/// its stream; on the stream's worker.
/// </summary>
internal sealed class FilterInstance(EnvoyStream stream, EnvoyStreamContext context)
{
    private StreamFilter? _filter;

    /// <summary>Could it not be made?</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>Makes the filter, if that has not been done. False: it could not be made, and the stream has failed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Ensure() => (_filter is not null && context.IsAttached) || TryMake();

    /// <summary>The filter is about to be called. Returns what <see cref="Leave"/> wants.</summary>
    internal SynchronizationContext? Enter(out StreamFilter filter)
    {
        stream.OnCallBegins();
        filter = _filter ?? throw new InvalidOperationException("the filter was not made");
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(stream.Scheduler);
        return outer;
    }

    /// <summary>The call has returned.</summary>
    internal void Leave(SynchronizationContext? outer)
    {
        SynchronizationContext.SetSynchronizationContext(outer);
        stream.OnCallReturned();
    }

    /// <summary>Calls what is only told to the filter: that it throws changes nothing.</summary>
    internal void Tell(Action<StreamFilter> call)
    {
        try
        {
            var outer = Enter(out var filter);
            try
            {
                call(filter);
            }
            finally
            {
                Leave(outer);
            }
        }
        catch (Exception e)
        {
            LogFailure(e);
        }
    }

    /// <summary>Tells the filter of an answer that is made here. False: it wants the stream to end without it.</summary>
    internal bool TellOfReply(int status, string details)
    {
        bool send = true;
        Tell(filter => send = filter.OnLocalReply(status, details));
        return send;
    }

    /// <summary>The stream has ended, and what the filter still does is done on other threads.</summary>
    internal void LeaveThread() => _filter?.Facade?.LeaveThread();

    /// <summary>The end of the filter's life. True: it was made for this stream, and serves no other.</summary>
    internal bool End()
    {
        bool keep = false;
        if (_filter is { } filter && context.IsAttached)
        {
            try
            {
                filter.OnDestroy();
                keep = filter.TryReset();
            }
            catch (Exception e)
            {
                LogFailure(e);
            }

            context.Detach(filter);
        }

        bool wasFresh = _filter is not null && !keep;
        if (!keep)
        {
            _filter = null;
        }

        return wasFresh;
    }

    /// <summary>Makes ready for another stream.</summary>
    internal void Reset() => HasFailed = false;

    /// <summary>A line at ERROR, with the filter's name.</summary>
    internal void LogFailure(Exception e) => ModuleLog.Error($"filter '{stream.Link.FilterName}': {e}");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryMake()
    {
        if (HasFailed || stream.Link.IsOver)
        {
            return false;
        }

        try
        {
            _filter ??= stream.Configuration.Factory.CreateFilter();
            context.Attach(_filter);
            return true;
        }
        catch (Exception e)
        {
            HasFailed = true;
            stream.Replies.Fail(e);
            return false;
        }
    }
}
