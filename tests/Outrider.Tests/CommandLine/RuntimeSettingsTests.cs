using Outrider.Tests.Harness;

namespace Outrider.Tests.CommandLine;

/// <summary>What the runtime takes from its environment alone, and <c>start</c> gives to it.</summary>
public sealed class RuntimeSettingsTests
{
    private const string Timeout = "DOTNET_TC_BackgroundWorkerTimeoutMs", FirstGeneration = "DOTNET_GCgen0size";

    [Fact]
    public async Task Start_has_them_however_it_was_started()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        // An argument reaches the program as it was given.
        string file = Path.Combine(sample.Folder, "it's \"odd\" \n é.json");
        File.Move(sample.File, file);
        using var proxy = OutriderProcess.StartOther("env", "-u", Timeout, "-u", FirstGeneration, "dotnet", OutriderProcess.ProgramFile, "start", "-c", file, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);

        string[] environment = Environment(proxy.Id);

        Assert.Contains(Timeout + "=ffffffff", environment);
        Assert.Contains(FirstGeneration + "=200000", environment);
        Assert.StartsWith("HTTP/1.1 200 ", await RawClient.ExchangeAsync(sample.Port, "GET / HTTP/1.1\r\nhost: a\r\nUser: admin\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        // The tools of .NET reach it.
        string socket = RuntimeSockets.Of(proxy.Id)!.Diagnostics;
        Assert.True(File.Exists(socket));
        proxy.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.False(File.Exists(socket));
    }

    [Fact]
    public async Task What_is_set_already_stays()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = OutriderProcess.StartOther("env", "-u", Timeout, FirstGeneration + "=400000", "dotnet", OutriderProcess.ProgramFile, "start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);

        string[] environment = Environment(proxy.Id);

        Assert.Contains(Timeout + "=ffffffff", environment);
        Assert.Contains(FirstGeneration + "=400000", environment);
    }

    [Fact]
    public async Task A_process_that_the_tests_kill_leaves_nothing_in_the_temporary_folder()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        string socket;
        using (var proxy = OutriderProcess.StartOther("sh", "-c", $"dotnet '{OutriderProcess.ProgramFile}' start -c '{sample.File}' --warm-up no; true"))
        {
            await proxy.ListensAsync(sample.Port);
            // The shell's child is .NET, and was not asked to end.
            socket = Assert.Single(RuntimeSockets.OfTree(proxy.Id), static sockets => File.Exists(sockets.Diagnostics)).Diagnostics;
        }

        Assert.False(File.Exists(socket));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"clr-debug-pipe-{Path.GetFileName(socket)["dotnet-diagnostic-".Length..^"-socket".Length]}-*"));
    }

    private static string[] Environment(int process) => File.ReadAllText($"/proc/{process}/environ").Split('\0');
}
