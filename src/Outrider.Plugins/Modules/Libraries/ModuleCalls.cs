using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Signals;

namespace Outrider.Plugins.Modules.Libraries;

/// <summary>
/// What Envoy's main thread is to modules: everything that a module is told outside of streams happens one after the other, in the
/// order in which it was asked for, on a thread of the pool. There is one of these for each module, so that one which is busy holds up no
/// other, and one for loading. Who waits for a call waits for a limited time: a module that does not return keeps its thread, not its caller. Any thread.
/// </summary>
/// <param name="name">Of what the calls are, for messages: <c>the module /etc/x.so</c>.</param>
/// <param name="library">Whose signal handlers are looked after while it runs; null where there is none yet.</param>
internal sealed class ModuleCalls(string name, ModuleLibrary? library)
{
    private static readonly TimeSpan s_leastPatience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<Action> _waiting = new();
    private int _draining;
    private volatile string? _late;

    /// <summary>Is there a call that has not returned, and for which nobody waits any more?</summary>
    internal bool IsLate => _late is not null;

    /// <summary>Calls the module after what was asked for before, and waits for its return.</summary>
    /// <param name="call">What is called; its exception becomes the caller's.</param>
    /// <param name="hook">What it is, for the message.</param>
    /// <param name="limit">How long the call may take; what is before it may take as long, or five seconds where that is longer.</param>
    /// <param name="undo">Called after a <paramref name="call"/> for which nobody waits any more.</param>
    /// <exception cref="TimeoutException">It has not returned in time, or an earlier one has not returned yet; the message says which.</exception>
    internal void Run(Action call, string hook, TimeSpan limit, Action? undo = null)
    {
        // A module that is called outside of its streams on this thread: this is a part of it.
        if (ModuleThread.Caller is ModuleCalls)
        {
            Call(call);
            return;
        }

        if (_late is { } late)
        {
            throw new TimeoutException($"{name} did not return from {late} in time, and has not returned yet");
        }

        var awaited = new AwaitedCall(call, undo);
        Post(() => Complete(awaited));
        var patience = limit == Timeout.InfiniteTimeSpan || limit > s_leastPatience ? limit : s_leastPatience;
        switch (awaited.Wait(patience, limit))
        {
            case AwaitedCallState.Waiting:
                Remember("an earlier call", awaited);
                throw new TimeoutException($"{name} was busy for {Seconds(patience)}, so {hook} was not called");
            case AwaitedCallState.Running:
                Remember(hook, awaited);
                throw new TimeoutException($"{name} did not return from {hook} within {Seconds(limit)}");
        }
    }

    /// <summary>As <see cref="Run"/>; what the module does to the process's signal handlers meanwhile is taken back.</summary>
    internal void RunFirst(Action call, string hook, TimeSpan limit, Action? undo = null) => Run(
        () =>
        {
            var handlers = SignalHandlers.Read();
            try
            {
                call();
            }
            finally
            {
                library?.Restore(handlers);
            }
        },
        hook, limit, undo);

    /// <summary>Tells the module that something has ended: later where a loop says so, which must not wait; otherwise it is waited for. Never throws.</summary>
    internal void End(Action call, string hook, TimeSpan limit)
    {
        if (EventLoop.Current is not null)
        {
            Post(call);
            return;
        }

        try
        {
            Run(call, hook, limit);
        }
        catch (TimeoutException e)
        {
            ModuleLog.Write(StreamLogLevel.Error, $"{e.Message} (library.timeout)");
        }
    }

    /// <summary>Calls the module later, after what was asked for before. Whoever asks sees to it that no more than a limited number waits.</summary>
    internal void Post(Action call)
    {
        _waiting.Enqueue(call);
        if (Interlocked.Exchange(ref _draining, 1) == 0)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(static calls => ((ModuleCalls)calls!).Drain(), this);
        }
    }

    private static string Seconds(TimeSpan limit) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{limit.TotalSeconds:0.###} s");

    // Who comes next need not wait for what does not return.
    private void Remember(string hook, AwaitedCall awaited)
    {
        _late = hook;
        if (awaited.HasReturned)
        {
            _late = null;
        }
    }

    private void Complete(AwaitedCall awaited)
    {
        if (awaited.Run())
        {
            _late = null;
        }
    }

    private void Call(Action call)
    {
        object? outer = ModuleThread.Caller;
        bool isShielded = library is { ChangesHandlers: true };
        ModuleThread.Caller = outer ?? this;
        if (isShielded)
        {
            SignalShield.Enter();
        }

        try
        {
            call();
        }
        finally
        {
            if (isShielded)
            {
                SignalShield.Leave();
            }

            ModuleThread.Caller = outer;
        }
    }

    private void Drain()
    {
        do
        {
            while (_waiting.TryDequeue(out var call))
            {
                Call(call);
            }

            Volatile.Write(ref _draining, 0);
            // What came after the last look and before the mark was taken back has no drain of its own.
        }
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _draining, 1) == 0);
    }
}
