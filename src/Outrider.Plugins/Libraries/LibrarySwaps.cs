using System.Threading.Channels;
using Outrider.Assemblies.Swapping;

namespace Outrider.Plugins.Libraries;

/// <summary>
/// Watches the files of assemblies, and says when a new version is to be taken: whoever runs the proxy does it, between two other changes of its
/// configuration. By looking, twice a second: what inotify(7) tells of links, of folders that are exchanged and of network file systems is not enough.
/// </summary>
/// <param name="libraries">The assemblies.</param>
public sealed class LibrarySwaps(AssemblyLibraries libraries) : IAsyncDisposable
{
    private const int MaxWaiting = 64;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    // After a change each look sweeps what is no longer used, as most streams end soon; later every tenth, for those that do not.
    private const int EagerLooks = 6;
    private const int LooksPerSweep = 10;

    private readonly Channel<SwapRequest> _requests = Channel.CreateBounded<SwapRequest>(MaxWaiting);
    private readonly CancellationTokenSource _closing = new();
    private Task _watching = Task.CompletedTask;

    /// <summary>The assemblies.</summary>
    public AssemblyLibraries Libraries => libraries;

    /// <summary>Begins to watch. Once.</summary>
    /// <param name="tell">Told what stays in memory without being used; on any thread.</param>
    public void Start(Action<string> tell) => _watching = Task.Run(() => WatchAsync(tell));

    /// <summary>The next that somebody wants. One caller at a time, who completes it.</summary>
    public ValueTask<SwapRequest> NextAsync() => _requests.Reader.ReadAsync();

    /// <summary>Asks for one. Any thread.</summary>
    /// <param name="path">The library's file; null for all that have changed.</param>
    /// <returns>The request; null when too many wait.</returns>
    public SwapRequest? Ask(string? path)
    {
        var request = new SwapRequest(path);
        return _requests.Writer.TryWrite(request) ? request : null;
    }

    /// <summary>Watches no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task WatchAsync(Action<string> tell)
    {
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            for (int look = 1; await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false); look++)
            {
                if (libraries.HasSettledChange() && Ask(null) is { } request)
                {
                    _ = await request.Done.WaitAsync(_closing.Token).ConfigureAwait(false);
                    look = 0;
                }

                if (look <= EagerLooks || look % LooksPerSweep == 0)
                {
                    _ = libraries.Sweep(tell);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
