namespace Outrider.Proxy.Streams;

/// <summary>Who waits for whom: the stream for filters, each side for the other, and all of them not for ever.</summary>
internal sealed partial class ProxyStream
{
    /// <summary>Is a filter of either direction being waited for?</summary>
    internal bool IsFilterWaiting => RequestPath.IsWaiting || ResponsePath.IsWaiting || _writer is { IsRunning: true };

    internal void OnFilterWaits()
    {
        Deadline.Set(DeadlineKind.Filter, Site.FilterTimeout);
        UpdateFlow();
    }

    /// <summary>A filter's call that was waited for has ended. False: the stream has, too.</summary>
    internal bool OnFilterResumed()
    {
        if (!_ended)
        {
            if (!IsFilterWaiting)
            {
                Exchange.RestoreDeadline();
            }

            return true;
        }

        if (!IsFilterWaiting)
        {
            Conclude();
        }

        return false;
    }

    /// <summary>Lets each side read if the other can take it.</summary>
    internal void UpdateFlow()
    {
        if (_ended)
        {
            return;
        }

        if (RequestPath.IsWaiting || Exchange.HoldsRequest || _calls is { HoldRequest: true })
        {
            Connection.PauseRequest();
        }
        else
        {
            Connection.ResumeRequest();
        }

        bool clientIsFull = Connection.IsWriteBlocked && Connection.PendingOutput >= Exchange.BufferLimit;
        _calls?.HoldAnswers(clientIsFull);
        if (ResponsePath.IsWaiting || clientIsFull)
        {
            Exchange.PauseResponse();
        }
        else
        {
            Exchange.ResumeResponse();
            _pieces?.Resume();
        }

        if (!clientIsFull)
        {
            ResponsePath.DeliverReplyBody();
        }
    }

    internal void OnDeadline(DeadlineKind kind)
    {
        switch (kind)
        {
            case DeadlineKind.None:
                break;
            case DeadlineKind.Filter:
                OnFilterFailed(
                    RequestPath.WaitingFilter ?? ResponsePath.WaitingFilter ?? _pieces?.Filter ?? "(none)",
                    new TimeoutException($"no answer after {Site.FilterTimeout} ms (filter_timeout)"));
                break;
            case DeadlineKind.ResponseBody when Connection.IsWriteBlocked:
                break;
            default:
                Exchange.OnTimeout(kind);
                break;
        }
    }
}
