using System.Runtime.InteropServices;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Limits;

/// <summary>Signals to a process that has no descriptor free: what serves them must be there, as no thread can be made then.</summary>
public sealed class DescriptorSignalTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\nuser: admin\r\n\r\n";
    private static readonly PosixSignal s_usr1 = (PosixSignal)10;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(15)]
    public async Task A_signal_that_ends_the_process_drains_it(int signal)
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await go.Task;
            await connection.SendAsync(Ok);
        });
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await StartAsync(sample);
        using var client = await RawClient.ConnectAsync(sample.Port);
        await client.SendAsync(Get);
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0);
        await Task.Delay(NoDescriptors.Rest);
        _ = await NoDescriptors.BeginAsync(proxy);

        proxy.Signal((PosixSignal)signal);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("stopping", StringComparison.Ordinal));
        go.SetResult();

        Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await proxy.ExitAsync());
    }

    [FactWith("prlimit")]
    public async Task The_second_one_ends_it_at_once()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await Task.Delay(Timeout.Infinite);
        });
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await StartAsync(sample);
        using var client = await RawClient.ConnectAsync(sample.Port);
        await client.SendAsync(Get);
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0);
        _ = await NoDescriptors.BeginAsync(proxy);
        proxy.Signal(PosixSignal.SIGTERM);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("stopping", StringComparison.Ordinal));

        proxy.Signal(PosixSignal.SIGTERM);

        Assert.Equal(143, await proxy.ExitAsync());
    }

    [FactWith("prlimit")]
    public async Task A_reload_says_why_it_is_none_and_the_next_one_is_one()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await StartAsync(sample);
        var time = await NoDescriptors.BeginAsync(proxy);

        proxy.Signal(PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("was not reloaded", StringComparison.Ordinal));
        Assert.Contains("Too many open files", proxy.Out, StringComparison.Ordinal);

        await time.EndAsync();
        proxy.Signal(PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("configuration reloaded", StringComparison.Ordinal));
        await ServesAsync(sample);
    }

    [FactWith("prlimit")]
    public async Task Logs_that_cannot_be_reopened_stay_and_are_reopened_by_the_next_signal()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        string log = LogFile(sample);
        sample.Edit("\"default_log_path\": \"stdout\"", $"\"default_log_path\": \"{log}\"");
        using var proxy = await StartAsync(sample);
        File.Move(log, log + ".1");
        var time = await NoDescriptors.BeginAsync(proxy);

        proxy.Signal(s_usr1);
        // Into the file that it had.
        await Eventually.HoldsAsync(() => File.ReadAllText(log + ".1").Contains($"cannot open the log file {log}: Too many open files", StringComparison.Ordinal));

        await time.EndAsync();
        proxy.Signal(s_usr1);
        await Eventually.HoldsAsync(() => File.Exists(log) && File.ReadAllText(log).Contains("log files reopened", StringComparison.Ordinal));
        await ServesAsync(sample);
    }

    private static async Task<OutriderProcess> StartAsync(SampleCopy sample)
    {
        var proxy = OutriderProcess.Start("start", "-c", sample.File);
        // Not only its ports: its threads, too.
        await Eventually.HoldsAsync(() => (proxy.Out + Log(sample)).Contains(" runs with ", StringComparison.Ordinal));
        return proxy;
    }

    private static string LogFile(SampleCopy sample) => Path.Combine(sample.Folder, "error.log");

    private static string Log(SampleCopy sample) => File.Exists(LogFile(sample)) ? File.ReadAllText(LogFile(sample)) : "";

    private static async Task ServesAsync(SampleCopy sample)
    {
        using var client = await RawClient.ConnectAsync(sample.Port);
        await client.SendAsync(Get);
        Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }
}
