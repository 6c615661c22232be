using System.Diagnostics;
using Outrider.Filters;
using Outrider.Net.Loops;

namespace Outrider.Bench.Module;

/// <summary>What one stream through one filter costs: the median of several rounds, on a loop's thread.</summary>
internal sealed record Measurement(string Name, double Nanoseconds, double Bytes)
{
    private const int Rounds = 9;

    internal static async Task<Measurement> OfAsync(string name, EventLoop loop, IStreamFilterFactory? factory)
    {
        var done = new TaskCompletionSource<Measurement>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => _ = RunAsync(name, loop, factory, done), null);
        return await done.Task.ConfigureAwait(false);
    }

    private static async Task RunAsync(string name, EventLoop loop, IStreamFilterFactory? factory, TaskCompletionSource<Measurement> done)
    {
        try
        {
            var stream = new BenchStream(loop);
            var filter = factory?.CreateFilter();
            // Enough for the JIT's second tier, then rounds of about a tenth of a second.
            int streams = 50_000;
            await RoundAsync(stream, filter, streams);
            await Task.Delay(300);
            long start = Stopwatch.GetTimestamp();
            await RoundAsync(stream, filter, streams);
            streams = (int)Math.Clamp(streams * 0.1 / Stopwatch.GetElapsedTime(start).TotalSeconds, 1000, 2_000_000);
            var times = new double[Rounds];
            double bytes = double.MaxValue;
            for (int i = 0; i < Rounds; i++)
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                start = Stopwatch.GetTimestamp();
                await RoundAsync(stream, filter, streams);
                times[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / streams;
                bytes = Math.Min(bytes, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)streams);
            }

            Array.Sort(times);
            done.SetResult(new Measurement(name, times[Rounds / 2], bytes));
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private static async Task RoundAsync(BenchStream stream, StreamFilter? filter, int streams)
    {
        for (int i = 0; i < streams; i++)
        {
            stream.Begin();
            if (filter is null)
            {
                continue;
            }

            filter.Attach(stream);
            var decoded = filter.DecodeHeadersAsync(stream.RequestHeaders, endStream: true);
            var action = decoded.IsCompletedSuccessfully ? decoded.Result : await decoded;
            var encoded = filter.EncodeHeadersAsync(stream.ResponseHeaders!, endStream: true);
            action = encoded.IsCompletedSuccessfully ? encoded.Result : await encoded;
            if (action.Kind != FilterActionKind.Continue)
            {
                throw new InvalidOperationException($"the filter answered {action}");
            }

            filter.OnLog();
            filter.OnDestroy();
            _ = filter.TryReset();
            filter.Attach(null);
        }
    }
}
