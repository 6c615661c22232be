using System.Diagnostics;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Plugins.Processes.Launching;

namespace Outrider.Plugins.Processes.Supervision;

/// <summary>Keeps one process of a plugin running: starts it, and starts it again when it ends, as <see cref="RestartPolicy"/> says.</summary>
internal sealed class PluginSupervisor : IAsyncDisposable
{
    private readonly PluginCommand _command;
    private readonly PluginConfiguration _settings;
    private readonly string _socketFolder;
    private readonly EventLoop _loop;
    private readonly Action<StreamLogLevel, string> _log;
    private readonly Action _onChanged;
    private readonly Action<string> _onCrashLoop;
    private readonly TaskCompletionSource<string?> _firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private volatile PluginProcess? _ready;
    private long _startsAt;

    /// <summary>Begins to start a process.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="settings">Times and limits.</param>
    /// <param name="socketFolder">Where its sockets go.</param>
    /// <param name="loop">Serves the calls that come from no loop.</param>
    /// <param name="log">Told of starts and ends.</param>
    /// <param name="onChanged">Told when the process can be called, cannot any more, or waits.</param>
    /// <param name="onCrashLoop">Told why when it is not started again.</param>
    internal PluginSupervisor(
        PluginCommand command, PluginConfiguration settings, string socketFolder, EventLoop loop, Action<StreamLogLevel, string> log, Action onChanged, Action<string> onCrashLoop)
    {
        _command = command;
        _settings = settings;
        _socketFolder = socketFolder;
        _loop = loop;
        _log = log;
        _onChanged = onChanged;
        _onCrashLoop = onCrashLoop;
        _run = Task.Run(RunAsync);
    }

    /// <summary>The process, when it can be called.</summary>
    internal PluginProcess? Ready => _ready is { IsGone: false, IsDoubtful: false } process ? process : null;

    /// <summary>When a process will be on its way at the earliest (<see cref="Environment.TickCount64"/>); in the past when one is.</summary>
    internal long StartsAt => Interlocked.Read(ref _startsAt);

    /// <summary>Completes when the first try to start has ended; with what went wrong, or null.</summary>
    internal Task<string?> FirstTry => _firstTry.Task;

    /// <summary>What went wrong last.</summary>
    internal string LastProblem { get; private set; } = "it is starting";

    /// <summary>Ends the process, and starts no other. Returns when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var policy = new RestartPolicy(_settings);
        try
        {
            while (true)
            {
                long began = Stopwatch.GetTimestamp();
                await RunOnceAsync().ConfigureAwait(false);
                if (policy.Next(Stopwatch.GetElapsedTime(began)) is not { } wait)
                {
                    _onCrashLoop($"it ended {policy.Crashes} times in a row, at last because {LastProblem}");
                    return;
                }

                _log(StreamLogLevel.Warn, $"plugin '{_command.Name}' starts again in {wait.TotalMilliseconds:0} ms");
                Interlocked.Exchange(ref _startsAt, Environment.TickCount64 + (long)wait.TotalMilliseconds);
                _onChanged();
                await Task.Delay(wait, _stop.Token).ConfigureAwait(false);
                Interlocked.Exchange(ref _startsAt, 0);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            Interlocked.Exchange(ref _startsAt, long.MaxValue);
            _firstTry.TrySetResult(LastProblem);
            _onChanged();
        }
    }

    // From a start to the end of the process, or the failure to start.
    private async Task RunOnceAsync()
    {
        PluginProcess process;
        try
        {
            process = await PluginProcess.StartAsync(_command, _settings, _socketFolder, _loop, _log, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LastProblem = e is PluginStartException ? e.Message : e.ToString();
            _log(StreamLogLevel.Error, $"plugin '{_command.Name}' cannot start: {LastProblem}");
            _firstTry.TrySetResult(LastProblem);
            return;
        }

        _log(StreamLogLevel.Info, $"plugin '{_command.Name}' runs as process {process.Id} at {process.Channel.EndPoint}");
        process.OnReassured = _onChanged;
        _ready = process;
        _firstTry.TrySetResult(null);
        _onChanged();
        try
        {
            int code = await process.Exited.WaitAsync(_stop.Token).ConfigureAwait(false);
            LastProblem = $"process {process.Id} ended with exit code {code}";
            _log(StreamLogLevel.Error, $"plugin '{_command.Name}': {LastProblem}");
        }
        catch (OperationCanceledException)
        {
            _ready = null;
            await process.StopAsync(_settings.StopTimeout).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _ready = null;
        }
    }
}
