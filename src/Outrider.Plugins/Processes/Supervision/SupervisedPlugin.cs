using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Plugins.Processes.Launching;

namespace Outrider.Plugins.Processes.Supervision;

/// <summary>One plugin with its processes. All who use it share this. Any thread.</summary>
internal sealed class SupervisedPlugin
{
    // How long nobody must have called before a plugin that is not wanted any more ends: streams that began with it may still ask.
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(1);

    private readonly PluginConfiguration _settings;
    private readonly SocketFolder _sockets;
    private readonly EventLoop _loop;
    private readonly Action<StreamLogLevel, string> _log;
    private readonly Lock _gate = new();
    private Task _lastSwitch = Task.CompletedTask;
    private volatile PluginSupervisor[] _supervisors = [];
    private volatile TaskCompletionSource _changed = NewChange();
    private volatile string? _off;
    private bool _inCrashLoop;
    private uint _turn;

    internal SupervisedPlugin(PluginCommand command, PluginConfiguration settings, SocketFolder sockets, EventLoop loop, Action<StreamLogLevel, string> log)
    {
        Command = command;
        _settings = settings;
        _sockets = sockets;
        _loop = loop;
        _log = log;
    }

    /// <summary>What its processes run.</summary>
    internal PluginCommand Command { get; }

    /// <summary>Is it meant to run?</summary>
    internal bool IsEnabled => _off is null;

    /// <summary>Can it be called?</summary>
    internal bool IsOn => Pick() is not null;

    /// <summary>The ids of the processes that can be called.</summary>
    internal IReadOnlyList<int> Processes => [.. _supervisors.Select(s => s.Ready?.Id ?? 0).Where(id => id != 0)];

    /// <summary>Is it looked after in this way?</summary>
    internal bool HasSettings(PluginConfiguration settings) => _settings with { Folders = settings.Folders, Environment = settings.Environment } == settings;

    /// <summary>Starts it, when it is not on already.</summary>
    /// <returns>When every process has been tried once: what went wrong with any of them, or null.</returns>
    internal async Task<string?> EnableAsync()
    {
        await InTurnAsync(StartProcessesAsync).ConfigureAwait(false);
        string?[] problems = await Task.WhenAll(_supervisors.Select(s => s.FirstTry)).ConfigureAwait(false);
        return problems.FirstOrDefault(problem => problem is not null);
    }

    /// <summary>A plugin that is off because it crashed again and again gets another chance; one that was switched off stays off.</summary>
    internal Task ReviveAsync() => _inCrashLoop ? EnableAsync() : Task.CompletedTask;

    /// <summary>Stops it. Returns when its processes have ended.</summary>
    internal async Task DisableAsync(string why)
    {
        _off = why;
        await InTurnAsync(async () =>
        {
            _off = why;
            OnChanged();
            await StopProcessesAsync().ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Stops it when nobody has called it for a while, or after <paramref name="limit"/>.</summary>
    internal async Task RetireAsync(TimeSpan limit, CancellationToken now)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        long quiet = Environment.TickCount64;
        while (!now.IsCancellationRequested && Environment.TickCount64 < end && Environment.TickCount64 - quiet < s_linger.TotalMilliseconds)
        {
            await Task.Delay(50, CancellationToken.None).ConfigureAwait(false);
            quiet = _supervisors.Any(s => s.Ready is { InFlight: > 0 }) ? Environment.TickCount64 : quiet;
        }

        await DisableAsync("the configuration does not name it any more").ConfigureAwait(false);
    }

    /// <summary>A process that can be called now: the one with the fewest calls; null when there is none.</summary>
    internal PluginProcess? Pick()
    {
        var supervisors = _supervisors;
        if (_off is not null)
        {
            return null;
        }

        if (supervisors is [var only])
        {
            return only.Ready;
        }

        PluginProcess? best = null;
        uint turn = Interlocked.Increment(ref _turn);
        for (uint i = 0; i < supervisors.Length; i++)
        {
            // Another one first each time, so that equals share.
            if (supervisors[(turn + i) % supervisors.Length].Ready is { } process && (best is null || process.InFlight < best.InFlight))
            {
                best = process;
            }
        }

        return best;
    }

    /// <summary>A process that can be called; waits for one that is starting.</summary>
    /// <param name="deadline">Until when (<see cref="Environment.TickCount64"/>).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PluginException">There will be none by then.</exception>
    internal ValueTask<PluginProcess> WaitAsync(long deadline, CancellationToken cancellationToken) => WaitAsync(deadline, untilTried: false, cancellationToken);

    /// <summary>A process that can be called; waits until every process has been tried once, and for <c>start_timeout</c> at least.</summary>
    /// <remarks>A start that takes too long is ended by its supervisor, who says why; this waits for those words rather than for a clock of its own.</remarks>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PluginException">None could be started.</exception>
    internal ValueTask<PluginProcess> WaitForStartAsync(CancellationToken cancellationToken)
        => WaitAsync(Environment.TickCount64 + (long)_settings.StartTimeout.TotalMilliseconds, untilTried: true, cancellationToken);

    private async ValueTask<PluginProcess> WaitAsync(long deadline, bool untilTried, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed.Task;
            if (Pick() is { } process)
            {
                return process;
            }

            var supervisors = _supervisors;
            long left = deadline - Environment.TickCount64;
            if (_off is { } why)
            {
                throw new PluginException(PluginFailure.Unavailable, $"plugin '{Command.Name}' is disabled: {why}");
            }

            if (supervisors.Length == 0)
            {
                // Somebody asks before the configuration is in force.
                await InTurnAsync(StartProcessesAsync).ConfigureAwait(false);
                continue;
            }

            if (left <= 0 && untilTried && supervisors.Any(s => !s.FirstTry.IsCompleted))
            {
                _ = await Task.WhenAny(changed, Task.WhenAll(supervisors.Select(s => s.FirstTry))).WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (left <= 0 || supervisors.All(s => s.StartsAt > deadline))
            {
                throw new PluginException(PluginFailure.Unavailable, $"plugin '{Command.Name}' is down: {supervisors.FirstOrDefault()?.LastProblem}");
            }

            try
            {
                await changed.WaitAsync(TimeSpan.FromMilliseconds(left), cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Once more around: there it is told what is wrong.
            }
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Switching on and off happens one after the other, in the order it was asked for.
    private Task InTurnAsync(Func<Task> action)
    {
        lock (_gate)
        {
            return _lastSwitch = AfterAsync(_lastSwitch, action);
        }

        static async Task AfterAsync(Task before, Func<Task> action)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            await action().ConfigureAwait(false);
        }
    }

    private async Task StartProcessesAsync()
    {
        if (_off is null && _supervisors.Length > 0)
        {
            return;
        }

        await StopProcessesAsync().ConfigureAwait(false);
        _inCrashLoop = false;
        _supervisors = [.. Enumerable.Range(0, Command.Options.MaxProcs)
            .Select(_ => new PluginSupervisor(Command, _settings, _sockets.Path, _loop, _log, OnChanged, OnCrashLoop))];
        _off = null;
    }

    private async Task StopProcessesAsync()
    {
        await Task.WhenAll(_supervisors.Select(s => s.DisposeAsync().AsTask())).ConfigureAwait(false);
        _supervisors = [];
    }

    private void OnChanged() => Interlocked.Exchange(ref _changed, NewChange()).SetResult();

    private void OnCrashLoop(string why)
    {
        _inCrashLoop = true;
        _log(StreamLogLevel.Error, $"plugin '{Command.Name}' is disabled: {why}; enable it with POST /api/v1/plugin?enable={Command.Name} or a reload");
        // Not from here: this is one of those who are stopped, and waited for.
        _off = why;
        _ = Task.Run(() => DisableAsync(why));
    }
}
