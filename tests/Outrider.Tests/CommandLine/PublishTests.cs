using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;

namespace Outrider.Tests.CommandLine;

/// <summary>What <c>dotnet publish</c> makes: a folder that runs by itself.</summary>
public sealed class PublishTests
{
    [Fact]
    public async Task A_published_program_brings_its_extensions_and_what_else_it_needs_and_runs()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        string published = Path.Combine(sample.Folder, "published");
        string configuration = Directory.GetParent(OutriderProcess.ProgramFile)!.Parent!.Name;

        var (code, output) = await EnvoyModules.RunAsync("dotnet", ["publish", "src/Outrider", "-c", configuration, "-o", published, "--nologo"], SampleCopy.Root);
        Assert.True(code == 0, output);

        Assert.True(File.Exists(Path.Combine(published, "extensions", "Outrider.Samples.SimpleStreamFilter.dll")));
        Assert.True(File.Exists(Path.Combine(published, "nginx", "config")));
        using var proxy = OutriderProcess.StartOther(Path.Combine(published, "outrider"), "start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);
        Assert.StartsWith("HTTP/1.1 403 ", await RawClient.ExchangeAsync(sample.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await RawClient.ExchangeAsync(sample.Port, "GET / HTTP/1.1\r\nhost: a\r\nuser: admin\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        proxy.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        Assert.Equal(0, await proxy.ExitAsync());
    }
}
