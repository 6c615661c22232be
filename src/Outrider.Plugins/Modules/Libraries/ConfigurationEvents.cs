using System.Collections.Concurrent;
using Outrider.Plugins.Modules.Signals;

namespace Outrider.Plugins.Modules.Libraries;

/// <summary>
/// What Envoy's main thread is to a module's configurations: everything that the module is told of them happens one after the
/// other, and what was scheduled comes in its order. Not a thread of its own, but whichever has something to tell; and one of these
/// for each module, so that one which is busy holds up no other. Any thread.
/// </summary>
internal sealed class ConfigurationEvents(ModuleLibrary library)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<Action> _waiting = new();
    private int _draining;

    /// <summary>Calls a module now, and waits for those that are at it.</summary>
    internal void Run(Action call)
    {
        lock (_gate)
        {
            Call(call);
        }
    }

    /// <summary>As <see cref="Run"/>; what the module does to the process's signal handlers meanwhile is taken back.</summary>
    internal void RunFirst(Action call)
    {
        var handlers = SignalHandlers.Read();
        try
        {
            Run(call);
        }
        finally
        {
            library.Restore(handlers);
        }
    }

    /// <summary>As <see cref="Run"/> where nobody is at it, otherwise later: a loop must not wait for what a module does with its configuration.</summary>
    internal void RunOrPost(Action call)
    {
        if (!_gate.TryEnter())
        {
            Post(call);
            return;
        }

        try
        {
            Call(call);
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Calls a module later, after what was posted before.</summary>
    internal void Post(Action call)
    {
        _waiting.Enqueue(call);
        if (Interlocked.Exchange(ref _draining, 1) == 0)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(static events => ((ConfigurationEvents)events!).Drain(), this);
        }
    }

    private void Call(Action call)
    {
        object? outer = ModuleThread.Caller;
        bool isShielded = library.ChangesHandlers;
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
                Run(call);
            }

            Volatile.Write(ref _draining, 0);
            // What came after the last look and before the mark was taken back has no drain of its own.
        }
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _draining, 1) == 0);
    }
}
