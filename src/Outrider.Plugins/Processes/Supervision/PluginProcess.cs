using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Plugins.Processes.Grpc;
using Outrider.Plugins.Processes.Launching;
using Outrider.Plugins.Protocol;
using Outrider.Plugins.Text;

namespace Outrider.Plugins.Processes.Supervision;

/// <summary>One process of a plugin, from its start to the end of everything that it started in turn.</summary>
internal sealed class PluginProcess : IDisposable
{
    // A health check that says "not yet", or a socket that does not listen yet, is asked again after this.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    // What a process that has ended may still have in its pipes.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(200);

    private const int MaxStdioMessage = 64 * 1024;
    private const int MaxHealthMessage = 4096;

    private readonly Process _process;
    private readonly PluginCommand _command;
    private readonly EventLoop _loop;
    private readonly PluginConfiguration _settings;
    private readonly Action<StreamLogLevel, string> _log;
    private readonly ChildOutput _standardOutput;
    private readonly Task _errors;
    private volatile string _lastError = "";
    private volatile string _lastFailure = "";
    private volatile bool _gone;
    private int _doubtful;
    private Task _output = Task.CompletedTask;
    private GrpcChannel? _channel;

    private PluginProcess(Process process, PluginCommand command, PluginConfiguration settings, EventLoop loop, Action<StreamLogLevel, string> log)
    {
        _loop = loop;
        _settings = settings;
        _process = process;
        _command = command;
        _log = log;
        Id = process.Id;
        Hang = new HangWatch(settings.HangTimeout, () => Task.Run(AskAfterSilenceAsync));
        // Taken before anything is watched: of a process that has ended, which some do at once, they are not to be had any more.
        _standardOutput = new ChildOutput(process.StandardOutput.BaseStream);
        var standardError = new ChildOutput(process.StandardError.BaseStream);
        _errors = Task.Run(() => standardError.PumpAsync(TellError));
        Exited = WatchAsync();
    }

    /// <summary>The process id, which is that of its process group too.</summary>
    internal int Id { get; }

    /// <summary>Completes with the exit code when the process, and what it had started, has ended.</summary>
    internal Task<int> Exited { get; }

    /// <summary>Has it ended? Known before <see cref="Exited"/>, which waits for what it had started and its last words.</summary>
    internal bool IsGone => _gone;

    /// <summary>Did its connection break, so that it is asked for its health before anything else?</summary>
    internal bool IsDoubtful => Volatile.Read(ref _doubtful) != 0;

    /// <summary>Called when it can be called again after a doubt. Set before the first call.</summary>
    internal Action OnReassured { get; set; } = static () => { };

    /// <summary>Is told how calls end; a process that hangs is killed.</summary>
    internal HangWatch Hang { get; }

    /// <summary>The calls that are under way.</summary>
    internal int InFlight;

    /// <summary>The way to it.</summary>
    internal GrpcChannel Channel => _channel ?? throw new InvalidOperationException("not started");

    /// <summary>Starts a process and waits until it can be called.</summary>
    /// <exception cref="PluginStartException">It did not come that far.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    internal static async Task<PluginProcess> StartAsync(
        PluginCommand command, PluginConfiguration settings, string socketFolder, EventLoop loop, Action<StreamLogLevel, string> log, CancellationToken cancellationToken)
    {
        Process process;
        try
        {
            process = await Launching.ProcessThread.StartAsync(command.ToStart(socketFolder)).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
        {
            throw new PluginStartException(e.Message, e);
        }

        var plugin = new PluginProcess(process, command, settings, loop, log);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(settings.StartTimeout);
        try
        {
            await plugin.ConnectAsync(timeout.Token).ConfigureAwait(false);
            return plugin;
        }
        catch (Exception e)
        {
            ProcessGroup.KillAll(plugin.Id);
            _ = await plugin.Exited.ConfigureAwait(false);
            throw e switch
            {
                FormatException => new PluginStartException("its first line is no handshake: " + e.Message, e),
                OperationCanceledException when !cancellationToken.IsCancellationRequested
                    => new PluginStartException($"it was not ready within {settings.StartTimeout.TotalMilliseconds:0} ms (start_timeout){plugin.WhyNotReady()}", e),
                _ => e,
            };
        }
    }

    /// <summary>Its connection broke: most often it has just ended, and we are about to learn of it. If not, it must answer a health check, or is killed.</summary>
    internal void Doubt()
    {
        if (Interlocked.Exchange(ref _doubtful, 1) == 0)
        {
            _ = Task.Run(AskAfterBreakAsync);
        }
    }

    /// <summary>Ends it: asks by go-plugin's call, then by SIGTERM, and kills it and what it started when the time is over.</summary>
    internal async Task StopAsync(TimeSpan grace)
    {
        using var timeout = new CancellationTokenSource(grace);
        try
        {
            if (!await AskToEndAsync(grace, timeout.Token).ConfigureAwait(false))
            {
                ProcessGroup.TerminateLeader(Id);
            }

            _ = await Exited.WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _log(StreamLogLevel.Warn, $"plugin '{_command.Name}' (process {Id}) did not end within {grace.TotalMilliseconds:0} ms; killed");
            ProcessGroup.KillAll(Id);
            _ = await Exited.ConfigureAwait(false);
        }
    }

    /// <summary>Done by itself when the process has ended.</summary>
    public void Dispose()
    {
        _channel?.Dispose();
        _process.Dispose();
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        string? line = await _standardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (line is null)
        {
            int code = await Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
            throw new PluginStartException($"it ended with exit code {code} before it said where it listens{(_lastError.Length > 0 ? ": " + _lastError : "")}");
        }

        _channel = new GrpcChannel(Handshake.Parse(line).EndPoint, _loop);
        _output = Task.Run(() => _standardOutput.PumpAsync(text => Tell(StreamLogLevel.Info, text)), CancellationToken.None);
        await CheckHealthAsync(cancellationToken).ConfigureAwait(false);
        _ = Task.Run(FetchStdioAsync, CancellationToken.None);
    }

    private string WhyNotReady()
        => _channel is null ? ": it did not say where it listens"
        : _lastFailure.Length > 0 ? $": it said that it listens at {_channel.EndPoint}, where it cannot be called: {_lastFailure}"
        : $": at {_channel.EndPoint}, where it listens, it did not answer its health check";

    private async Task CheckHealthAsync(CancellationToken cancellationToken)
    {
        var request = new HealthCheckRequest { Service = PluginMethods.HealthService };
        while (true)
        {
            try
            {
                var answer = await Channel.CallAsync(PluginMethods.Health, request, HealthCheckResponse.Parser, MaxHealthMessage, _settings.StartTimeout, cancellationToken).ConfigureAwait(false);
                if (answer.Status is HealthCheckResponse.Types.ServingStatus.Serving)
                {
                    return;
                }
            }
            catch (GrpcCallException e) when (e.Status is GrpcStatus.Unimplemented or GrpcStatus.NotFound)
            {
                // It offers no health check; that it answered is as good.
                return;
            }
            catch (GrpcCallException e) when (e.Status is not (GrpcStatus.Unavailable or GrpcStatus.DeadlineExceeded))
            {
                throw new PluginStartException($"it does not answer at {Channel.EndPoint}: {e.Message}", e);
            }
            catch (GrpcCallException e) when (!Exited.IsCompleted)
            {
                // Some say where they listen before they do. When the time is over the token says so.
                _lastFailure = e.Message;
            }
            catch (GrpcCallException e)
            {
                throw new PluginStartException($"it ended with exit code {await Exited.ConfigureAwait(false)} before it could be called", e);
            }

            await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskAfterBreakAsync()
    {
        if (await IsHealthyOrKilledAsync(_settings.StartTimeout, "cannot be reached any more").ConfigureAwait(false))
        {
            Volatile.Write(ref _doubtful, 0);
            OnReassured();
        }
    }

    private async Task AskAfterSilenceAsync()
    {
        if (await IsHealthyOrKilledAsync(_settings.HangTimeout, "hangs: it answers neither calls nor its health check (hang_timeout)").ConfigureAwait(false))
        {
            _log(StreamLogLevel.Warn, $"plugin '{_command.Name}' (process {Id}) lets its calls time out, but says that it is well");
            Hang.Answered();
        }
    }

    private async Task<bool> IsHealthyOrKilledAsync(TimeSpan limit, string fault)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await CheckHealthAsync(timeout.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is PluginStartException or GrpcCallException or OperationCanceledException)
        {
            if (!IsGone)
            {
                _log(StreamLogLevel.Error, $"plugin '{_command.Name}' (process {Id}) {fault}; killed");
                ProcessGroup.KillAll(Id);
            }

            return false;
        }
    }

    // Whether it understood; most that are not made with go-plugin do not know the call.
    private async Task<bool> AskToEndAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            _ = await Channel.CallAsync(PluginMethods.Shutdown, new StdioRequest(), StdioRequest.Parser, MaxHealthMessage, timeout, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (GrpcCallException e)
        {
            // A server that stops at once may not get its answer out.
            return e.Status == GrpcStatus.Unavailable && Exited.IsCompleted;
        }
    }

    private Task FetchStdioAsync() => Channel.StreamAsync(
        PluginMethods.Stdio,
        new StdioRequest(),
        StdioData.Parser,
        MaxStdioMessage,
        data => Tell(data.Channel == StdioData.Types.Channel.Stderr ? StreamLogLevel.Warn : StreamLogLevel.Info, VisibleText.Of(data.Data.ToStringUtf8())),
        CancellationToken.None);

    private void TellError(string line)
    {
        _lastError = line;
        Tell(StreamLogLevel.Warn, line);
    }

    private void Tell(StreamLogLevel level, string line) => _log(level, $"plugin {_command.Name}[{Id}]: {line}");

    private async Task<int> WatchAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _gone = true;
        int code = _process.ExitCode;
        // What it had started is of no use without it, and would hold its pipes open.
        ProcessGroup.KillRest(Id);
        _ = await Task.WhenAny(Task.WhenAll(_errors, _output), Task.Delay(s_lastWords)).ConfigureAwait(false);
        if (_channel?.EndPoint is UnixDomainSocketEndPoint socket && socket.ToString() is ['/', ..] path && File.Exists(path))
        {
            // One that was killed could not do this itself.
            File.Delete(path);
        }

        Dispose();
        return code;
    }
}
