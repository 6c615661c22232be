using System.Globalization;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Modules;

/// <summary>The program in a process of its own, with modules behind a filter that collects: where a mistake ends the process, it is not the tests'.</summary>
internal sealed class ModuleProcess : IAsyncDisposable
{
    // A minute for those who ask for it: OUTRIDER_HAZARD_SECONDS=60.
    private static readonly int s_seconds = int.Parse(Environment.GetEnvironmentVariable("OUTRIDER_HAZARD_SECONDS") ?? "4", CultureInfo.InvariantCulture);

    private readonly OutriderProcess _process;
    private readonly string _file;
    private readonly int _port;

    private ModuleProcess(OutriderProcess process, string file, int port)
    {
        _process = process;
        _file = file;
        _port = port;
    }

    internal int Id => _process.Id;

    internal static async Task<ModuleProcess> StartAsync(string upstream, params string[] entries)
    {
        int port = FreePorts.Next();
        string file = Path.Combine(Path.GetTempPath(), $"outrider-test-{Guid.NewGuid():n}.json");
        string json = ModuleProxy.Json([upstream], ["{\"type\":\"test-collecting\"}", .. entries], loops: 2, log: "stdout")
            .Replace("\"127.0.0.1:0\"", $"\"127.0.0.1:{port}\"", StringComparison.Ordinal)
            .Replace("\"default_log_level\":\"DEBUG\"", "\"default_log_level\":\"ERROR\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, $"{{\"extensions\":[\"{typeof(CollectingFilter).Assembly.Location}\"],{json.TrimStart()[1..]}");
        var process = OutriderProcess.StartOther(
            "dotnet", new Dictionary<string, string> { ["GODEBUG"] = "cgocheck=0" }, OutriderProcess.ProgramFile, "start", "-c", file);
        await process.ListensAsync(port);
        return new ModuleProcess(process, file, port);
    }

    internal async Task<string> SendAsync(string request)
    {
        using var client = await RawClient.ConnectAsync(_port);
        await client.SendAsync(request);
        return await client.ReadResponseAsync();
    }

    /// <summary>The signals that each loop keeps away, as <c>/proc</c> has them: signal 1 is bit 0.</summary>
    internal IReadOnlyList<ulong> BlockedSignalsOfLoops()
        => [.. Directory.GetDirectories($"/proc/{Id}/task")
            .Where(task => File.ReadAllText(Path.Combine(task, "comm")).StartsWith("loop", StringComparison.Ordinal))
            .Select(task => File.ReadLines(Path.Combine(task, "status")).First(line => line.StartsWith("SigBlk:", StringComparison.Ordinal)))
            .Select(line => ulong.Parse(line["SigBlk:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture))];

    /// <summary>Sends these requests over many connections for a while. Every one is answered with 200, and the process lives.</summary>
    internal async Task LoadAsync(params string[] requests)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(s_seconds));
        await Task.WhenAll(Enumerable.Range(0, 32).Select(number => Task.Run(async () =>
        {
            using var client = await RawClient.ConnectAsync(_port);
            for (int i = number; !end.IsCancellationRequested; i++)
            {
                await client.SendAsync(requests[i % requests.Length]);
                string response = await client.ReadResponseAsync();
                Assert.True(response.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal), $"answered with '{response}'; {(_process.HasExited ? "the process has ended" : "the process lives")}; {_process.Out}{_process.Error}");
            }
        })));
        Assert.False(_process.HasExited, $"the process has ended: {_process.Out}{_process.Error}");
    }

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        File.Delete(_file);
        return ValueTask.CompletedTask;
    }
}
