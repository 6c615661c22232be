using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Links;
using Outrider.Envoy.Logging;

namespace Outrider.Envoy.Streams;

/// <summary>
/// Where a stream's awaits come back to: its worker thread, through Envoy's scheduler, while the stream lives. What is
/// posted after its end runs on the thread pool, one piece of work after the other, so that a filter that was waiting can
/// still come to its end; there it reaches no stream any more.
/// </summary>
/// <param name="link">Envoy's side of the stream.</param>
/// <param name="gate">The stream's; its end and what is posted here pass it one after the other.</param>
internal sealed class StreamScheduler(EnvoyLink link, StreamGate gate) : SynchronizationContext
{
    // Made for the first work: most streams have none.
    private Queue<(SendOrPostCallback Work, object? State)>? _queue;

    // Envoy's; 0 while nothing has waited. It must not be committed to once it was deleted, so both happen under the lock.
    private nint _envoy;
    private bool _committed;
    private bool _isOver;
    private bool _draining;

    /// <summary>Envoy's side of the stream whose awaits these are.</summary>
    internal EnvoyLink Link => link;

    public override void Post(SendOrPostCallback d, object? state)
    {
        bool drain;
        // Where the end comes on this thread too, it does not have to be met.
        using (link.IsWorker ? gate.EnterHere() : gate.Enter())
        {
            (_queue ??= new()).Enqueue((d, state));
            Commit();
            drain = _isOver && !_draining;
            _draining |= drain;
        }

        if (drain)
        {
            DrainElsewhere();
        }
    }

    /// <summary>Runs the work itself on the stream's worker. From anywhere else it would have to wait for the worker, which may be waiting for the caller.</summary>
    /// <exception cref="NotSupportedException">Called from another thread.</exception>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (_isOver || !link.IsOnWorker)
        {
            throw new NotSupportedException("a stream's worker is not to be waited for: use Post");
        }

        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Something waits, or may have been posted, and wants a way back. On the worker, or where the stream is kept from ending.</summary>
    internal void Arm(nint filter)
    {
        using (gate.EnterHere())
        {
            if (_envoy == 0 && !_isOver)
            {
                _envoy = SchedulerCallbacks.New(filter);
            }

            Commit();
        }
    }

    /// <summary>On the worker, after a call into the filter that did not wait: work may have been posted before there was a way back for it.</summary>
    internal void ArmIfPosted(nint filter)
    {
        if (_queue is { Count: > 0 })
        {
            Arm(filter);
        }
    }

    /// <summary>On the worker: Envoy has come back with what was committed.</summary>
    internal void Run()
    {
        using (gate.EnterHere())
        {
            _committed = false;
        }

        while (TryTake(whenOver: false, out var item))
        {
            Invoke(item.Work, item.State);
        }
    }

    /// <summary>On the worker: the stream has ended. What is posted from now on runs elsewhere.</summary>
    internal void Close() => Volatile.Write(ref _isOver, true);

    /// <summary>
    /// On the worker, after <see cref="Close"/>, where the gate was used: what is queued runs elsewhere. True: something is queued, and
    /// <see cref="DrainElsewhere"/> is to be called.
    /// </summary>
    internal bool End()
    {
        using var entered = gate.EnterHere();
        if (_envoy != 0)
        {
            SchedulerCallbacks.Delete(_envoy);
            _envoy = 0;
        }

        bool drain = _queue is { Count: > 0 } && !_draining;
        _draining |= drain;
        return drain;
    }

    /// <summary>Has the thread pool run what is queued after the end.</summary>
    internal void DrainElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(static scheduler => scheduler.DrainAfterEnd(), this, preferLocal: false);

    /// <summary>Makes ready for another stream; only where nothing ever waited.</summary>
    internal void Renew() => _isOver = false;

    private void Commit()
    {
        if (_envoy != 0 && !_committed && _queue is { Count: > 0 })
        {
            _committed = true;
            SchedulerCallbacks.Commit(_envoy);
        }
    }

    private bool TryTake(bool whenOver, out (SendOrPostCallback Work, object? State) item)
    {
        using (gate.Enter())
        {
            if (_isOver == whenOver && _queue is not null && _queue.TryDequeue(out item))
            {
                return true;
            }

            item = default;
            // Only the one that drains may say that it has stopped.
            _draining &= !whenOver;
            return false;
        }
    }

    private void DrainAfterEnd()
    {
        while (TryTake(whenOver: true, out var item))
        {
            Invoke(item.Work, item.State);
        }
    }

    private void Invoke(SendOrPostCallback work, object? state)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            work(state);
        }
        catch (Exception e)
        {
            // An async void method of the filter's: there is no call that could fail, and the process goes on.
            ModuleLog.Error($"filter '{link.FilterName}', outside of any call: {e}");
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }
}
