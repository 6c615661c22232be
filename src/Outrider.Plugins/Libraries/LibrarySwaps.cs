using System.Threading.Channels;
using Outrider.Assemblies.Swapping;

namespace Outrider.Plugins.Libraries;

/// <summary>
/// Watches the files of assemblies, and says when a new version is to be taken: whoever runs the proxy does it, between two other changes of its
/// configuration.
/// </summary>
/// <param name="libraries">The assemblies.</param>
public sealed class LibrarySwaps(AssemblyLibraries libraries) : IAsyncDisposable
{
    private const int MaxWaiting = 64;

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
        using var timer = new PeriodicTimer(LibraryWatch.Interval);
        var watch = new LibraryWatch(libraries, tell);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
            {
                if (watch.HasChange() && Ask(null) is { } request)
                {
                    _ = await request.Done.WaitAsync(_closing.Token).ConfigureAwait(false);
                }

                watch.Sweep();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
