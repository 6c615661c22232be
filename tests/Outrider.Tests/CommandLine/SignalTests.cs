using System.Runtime.InteropServices;
using Outrider.Tests.Harness;

namespace Outrider.Tests.CommandLine;

/// <summary>What signals do to the program, in the conditions that it is started in.</summary>
public sealed class SignalTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    private static readonly PosixSignal s_usr1 = (PosixSignal)10, s_usr2 = (PosixSignal)12;

    [Fact]
    public async Task Signals_that_the_program_was_started_to_ignore_are_heard_as_under_nohup()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await ListensAsync(Ignoring(sample, "HUP INT QUIT TERM USR1 USR2"), sample);

        sample.Edit("\"User\": \"admin\"", "\"User\": \"root\"");
        proxy.Signal(PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("configuration reloaded", StringComparison.Ordinal));
        proxy.Signal(s_usr1);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("log files reopened", StringComparison.Ordinal));
        proxy.Signal(PosixSignal.SIGINT);

        Assert.Equal(0, await proxy.ExitAsync());
    }

    [Fact]
    public async Task SIGUSR1_opens_logs_that_were_moved_away_and_reloads_nothing()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        string log = Path.Combine(sample.Folder, "error.log");
        sample.Edit("\"default_log_path\": \"stdout\"", $"\"default_log_path\": \"{log}\"");
        using var proxy = await StartAsync(sample);
        await Eventually.HoldsAsync(() => File.Exists(log));
        File.Move(log, log + ".1");
        sample.Edit("\"User\": \"admin\"", "\"User\": 7");

        proxy.Signal(s_usr1);
        await Eventually.HoldsAsync(() => File.Exists(log) && File.ReadAllText(log).Contains("log files reopened", StringComparison.Ordinal));

        string all = await File.ReadAllTextAsync(log) + await File.ReadAllTextAsync(log + ".1");
        Assert.DoesNotContain("reloaded", all, StringComparison.Ordinal);
        Assert.False(proxy.HasExited);
    }

    [Fact]
    public async Task SIGUSR2_is_one_line_in_the_log()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = await StartAsync(sample);

        proxy.Signal(s_usr2);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("[WARN] SIGUSR2 is kept for upgrades", StringComparison.Ordinal));

        Assert.StartsWith("HTTP/1.1 200 ", await RawClient.ExchangeAsync(sample.Port, "GET / HTTP/1.1\r\nhost: a\r\nUser: admin\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGINT, 130)]
    public async Task A_second_signal_to_end_does_not_wait_for_what_runs(PosixSignal first, PosixSignal second, int code)
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await Task.Delay(Timeout.Infinite);
        });
        using var sample = new SampleCopy(upstream.Port);
        string pid = Path.Combine(sample.Folder, "pid");
        sample.Edit("\"servers\": [", $"\"pid\": \"{pid}\", \"servers\": [");
        using var proxy = await StartAsync(sample);
        using var client = await RawClient.ConnectAsync(sample.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nUser: admin\r\n\r\n");
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0);
        proxy.Signal(first);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("stopping", StringComparison.Ordinal));
        Assert.True(File.Exists(pid));

        proxy.Signal(second);

        Assert.Equal(code, await proxy.ExitAsync());
        Assert.False(File.Exists(pid));
        await Eventually.HoldsAsync(() => proxy.Out.Contains("ended at once", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signals_that_come_while_it_starts_do_not_kill_it()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = Ignoring(sample, "HUP USR1 USR2");
        await Eventually.HoldsAsync(() => proxy.Out.Contains("ignoring", StringComparison.Ordinal));
        var start = proxy.ListensAsync(sample.Port);
        while (!start.IsCompleted)
        {
            proxy.Signal(PosixSignal.SIGHUP);
            proxy.Signal(s_usr1);
            await Task.Delay(1);
        }

        await start;
        await Eventually.HoldsAsync(() => proxy.Out.Contains("configuration reloaded", StringComparison.Ordinal));
        Assert.False(proxy.HasExited);
    }

    [Fact]
    public async Task A_reload_says_which_extension_has_changed_and_is_not_taken()
    {
        using var upstream = RawUpstream.Answering(Ok);
        using var sample = new SampleCopy(upstream.Port);
        // The tests' own assembly, with its dependencies beside it.
        string built = Path.GetDirectoryName(typeof(SignalTests).Assembly.Location)!;
        foreach (string file in Directory.EnumerateFiles(built, "*.dll").Append(Path.Combine(built, "Outrider.Tests.deps.json")))
        {
            File.Copy(file, Path.Combine(sample.Folder, Path.GetFileName(file)));
        }

        string dll = Path.Combine(sample.Folder, "Outrider.Tests.dll");
        sample.Edit("\"servers\": [", $"\"extensions\": [\"{dll}\"], \"servers\": [");
        using var proxy = await StartAsync(sample);
        File.SetLastWriteTimeUtc(dll, DateTime.UtcNow);
        proxy.Signal(PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => proxy.Out.Contains("configuration reloaded", StringComparison.Ordinal));
        Assert.DoesNotContain("[WARN]", proxy.Out, StringComparison.Ordinal);

        // As a build does that does not write into the file that others have mapped.
        await File.WriteAllBytesAsync(dll + ".new", [.. await File.ReadAllBytesAsync(dll), 0]);
        File.Move(dll + ".new", dll, overwrite: true);
        proxy.Signal(PosixSignal.SIGHUP);

        await Eventually.HoldsAsync(() => proxy.Out.Contains($"[WARN] {dll} has changed; what was loaded from it stays", StringComparison.Ordinal));
    }

    private static Task<OutriderProcess> StartAsync(SampleCopy sample) => ListensAsync(OutriderProcess.Start("start", "-c", sample.File, "--warm-up", "no"), sample);

    // The shell becomes the program, so its id is the program's.
    private static OutriderProcess Ignoring(SampleCopy sample, string signals) => OutriderProcess.StartOther(
        "bash", "-c", $"trap '' {signals}; echo ignoring; exec dotnet '{OutriderProcess.ProgramFile}' start -c '{sample.File}' --warm-up no");

    private static async Task<OutriderProcess> ListensAsync(OutriderProcess process, SampleCopy sample)
    {
        await process.ListensAsync(sample.Port);
        return process;
    }
}
