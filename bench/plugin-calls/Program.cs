using System.Diagnostics;
using System.Globalization;
using System.Text;
using Outrider.Configuration;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Plugins.Processes;

// plugin-calls FOLDER NAME SECONDS ARGUMENT...: starts the plugin as the proxy does, and calls it as an agent does: on a loop.
string folder = Path.GetFullPath(args[0]);
var time = TimeSpan.FromSeconds(double.Parse(args[2], CultureInfo.InvariantCulture));
string json = $$"""{"servers":[{}],"plugin_dir":"{{folder}}"}""";
var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), Path.Combine(Environment.CurrentDirectory, "bench.json")).Configuration;
await using var host = new PluginHost();
var generation = host.Begin(configuration, (level, message) => Console.Error.WriteLine($"{level}: {message}"));
var plugin = generation.Register(args[1], new PluginOptions { Arguments = args[3..] });
await generation.StartAsync();
generation.Use();

using var loop = new EventLoop(0);
loop.Start();
var request = new PluginRequest { Body = new byte[1024] };
for (int i = 0; i < 16; i++)
{
    request.Header[$"X-Header-{i}"] = $"a value of some thirty bytes, {i}";
}

foreach (int inFlight in (int[])[1, 64])
{
    _ = await MeasureAsync(inFlight, time / 2);
    var best = await MeasureAsync(inFlight, time);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"in_flight={inFlight} calls/s={best.Rate:0} p50_us={best.P50:0} p99_us={best.P99:0}"));
}

loop.Stop();
await loop.Stopped;

async Task<(double Rate, double P50, double P99)> MeasureAsync(int inFlight, TimeSpan howLong)
{
    long begin = Stopwatch.GetTimestamp(), end = begin + (long)(howLong.TotalSeconds * Stopwatch.Frequency);
    var callers = new List<Task<List<double>>>();
    await loop.InvokeAsync(() => callers.AddRange(Enumerable.Range(0, inFlight).Select(_ => CallAsync(end))));
    var all = await Task.WhenAll(callers);
    double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
    double[] sorted = [.. all.SelectMany(times => times).Order()];
    return (sorted.Length / seconds, sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
}

// Every await comes back to the loop.
async Task<List<double>> CallAsync(long end)
{
    var times = new List<double>();
    for (long now = Stopwatch.GetTimestamp(); now < end;)
    {
        _ = await plugin.CallAsync(request, TimeSpan.FromSeconds(5));
        long after = Stopwatch.GetTimestamp();
        times.Add(Stopwatch.GetElapsedTime(now, after).TotalMicroseconds);
        now = after;
    }

    return times;
}
