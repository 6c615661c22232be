using System.Collections.Concurrent;
using System.Diagnostics;

namespace Outrider.Tests.Upstream;

/// <summary>
/// Asks as often as it is told to, whatever becomes of what it has asked before: an open loop. Each request's time is the schedule's, so that a pause of the machine is
/// caught up with and leaves nothing out.
/// </summary>
internal sealed class OpenLoop : IAsyncDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = int.MaxValue }) { Timeout = TimeSpan.FromSeconds(20) };
    private readonly ConcurrentQueue<Answer> _answers = new();
    private readonly Thread _thread;
    private readonly Uri _uri;
    private readonly int _perSecond;
    private volatile bool _ends;
    private int _running;

    private OpenLoop(Uri uri, int perSecond)
    {
        _uri = uri;
        _perSecond = perSecond;
        _thread = new Thread(Run) { IsBackground = true, Name = "open loop", Priority = ThreadPriority.AboveNormal };
    }

    /// <summary>What came of a request.</summary>
    /// <param name="Asked">When it began.</param>
    /// <param name="Ended">When its answer was whole, or it was clear that there will be none.</param>
    /// <param name="Status">The answer's status; 0 without one.</param>
    /// <param name="Text">Its body, or what went wrong.</param>
    internal readonly record struct Answer(DateTime Asked, DateTime Ended, int Status, string Text)
    {
        internal bool IsFailure => Status != 200;
    }

    /// <summary>All answers so far.</summary>
    internal IReadOnlyCollection<Answer> Answers => _answers;

    internal static OpenLoop Begin(Uri uri, int perSecond)
    {
        var loop = new OpenLoop(uri, perSecond);
        loop._thread.Start();
        return loop;
    }

    /// <summary>Asks no more, and waits for the answers that are missing.</summary>
    internal async Task EndAsync()
    {
        _ends = true;
        _thread.Join();
        await Harness.Eventually.HoldsAsync(() => Volatile.Read(ref _running) == 0);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _client.Dispose();
    }

    private void Run()
    {
        long begin = Stopwatch.GetTimestamp();
        for (long asked = 0; !_ends; asked++)
        {
            var early = TimeSpan.FromSeconds((double)asked / _perSecond) - Stopwatch.GetElapsedTime(begin);
            if (early > TimeSpan.Zero)
            {
                Thread.Sleep(early);
            }

            Interlocked.Increment(ref _running);
            _ = AskAsync();
        }
    }

    private async Task AskAsync()
    {
        // What the client's own work takes is not on the thread that keeps the time.
        await Task.Yield();
        var asked = DateTime.Now;
        try
        {
            using var answer = await _client.GetAsync(_uri);
            string text = await answer.Content.ReadAsStringAsync();
            _answers.Enqueue(new(asked, DateTime.Now, (int)answer.StatusCode, text));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            _answers.Enqueue(new(asked, DateTime.Now, 0, e.Message));
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
