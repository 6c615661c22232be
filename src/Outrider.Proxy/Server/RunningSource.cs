using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Proxy.Server;

/// <summary>A source of configurations at work: runs it on threads of the pool, and again when it fails. Any thread.</summary>
/// <param name="configuration">What names it.</param>
/// <param name="source">The source.</param>
/// <param name="creator">What made it.</param>
/// <param name="store">Where what it says goes.</param>
/// <param name="log">The proxy's log.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "It has no timer and no wait handle, and its source may ask for its token at any time.")]
internal sealed class RunningSource(StreamFilterConfiguration configuration, IConfigurationSource source, ConfigurationSourceCreator? creator, RuntimeStore store, Action<StreamLogLevel, string> log) : IConfigurationUpdates
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();

    /// <summary>The name that the configuration uses.</summary>
    internal string Name => configuration.Type;

    /// <summary>Is it the one that this configuration names, told the same, and of the code of now?</summary>
    internal bool Is(StreamFilterConfiguration other, ConfigurationSourceCreator? now) => creator == now && configuration.Type == other.Type && configuration.Config.Span.SequenceEqual(other.Config.Span);

    /// <summary>Begins. Once.</summary>
    internal void Start() => _ = Task.Run(RunAsync);

    /// <summary>Tells it to end, and does not wait for that.</summary>
    internal void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public Task<IReadOnlyList<ConfigurationResourceResult>> ApplyAsync(IReadOnlyList<ConfigurationResource> resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        _stop.Token.ThrowIfCancellationRequested();
        return store.ApplyAsync(Name, resources);
    }

    /// <inheritdoc/>
    public void Log(StreamLogLevel level, string message) => log(level, $"configuration source '{Name}': {message}");

    private async Task RunAsync()
    {
        var pause = s_firstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await source.RunAsync(this, _stop.Token).ConfigureAwait(false);
                break;
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                Log(StreamLogLevel.Error, $"failed, and is run again in {pause.TotalSeconds:0} s: {e}");
            }

            try
            {
                await Task.Delay(pause, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }

        (source as IDisposable)?.Dispose();
    }
}
