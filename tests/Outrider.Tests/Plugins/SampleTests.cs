using System.Diagnostics;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Plugins;

/// <summary>The sample <c>subprocess-filter</c> as its reader runs it, with each of its three checkers.</summary>
public sealed class SampleTests
{
    [Fact]
    public Task The_checker_in_CSharp_decides() => DecidesAsync(PluginFolder.CheckerFolder);

    [FactWithDebian("/usr/bin/python3", "/usr/lib/python3/dist-packages/grpc/__init__.py")]
    public Task The_checker_in_Python_decides() => DecidesAsync(Sample("checker-python"));

    [FactWithDebian("/usr/bin/java", "/usr/bin/javac", "/usr/share/java/grpc-netty.jar", "/usr/share/java/netty-codec-http2.jar", "/usr/share/java/perfmark-api.jar", "/usr/share/java/gson.jar", "/usr/share/java/guava.jar", "/usr/share/java/protobuf.jar")]
    public Task The_checker_in_Java_decides() => DecidesAsync(Sample("checker-java"));

    [Fact]
    public async Task Children_are_gone_when_the_proxy_is_killed()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = Copy(upstream.Port, PluginFolder.CheckerFolder);
        using var proxy = await StartAsync(sample);
        int child = Assert.Single(PluginFolder.ProcessesWith(sample.Marker));

        Process.GetProcessById(proxy.Id).Kill();

        await Eventually.HoldsAsync(() => !PluginFolder.Runs(child));
        // The folder of its sockets is what is left; the next proxy that runs plugins removes it, another test's as well.
        foreach (string folder in Directory.GetDirectories(Path.GetTempPath(), $"outrider-plugins-{proxy.Id}-*"))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
            }
        }
    }

    [Fact]
    public async Task Children_are_gone_when_the_proxy_ends()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = Copy(upstream.Port, PluginFolder.CheckerFolder);
        using var proxy = await StartAsync(sample);
        int child = Assert.Single(PluginFolder.ProcessesWith(sample.Marker));

        proxy.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);

        Assert.Equal(0, await proxy.ExitAsync());
        Assert.False(PluginFolder.Runs(child));
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), $"outrider-plugins-{proxy.Id}-*"));
    }

    [FactWithMosn]
    public async Task The_checker_in_CSharp_decides_under_MOSN()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = Copy(upstream.Port, PluginFolder.CheckerFolder);
        // MOSN starts the plugin that lies beside the program itself.
        string program = Path.Combine(sample.Folder, "mosn");
        File.Copy(FactWithMosnAttribute.Program!, program);
        foreach (string file in Directory.GetFiles(PluginFolder.CheckerFolder))
        {
            File.Copy(file, Path.Combine(sample.Folder, Path.GetFileName(file)));
        }

        using var mosn = OutriderProcess.StartIn(sample.Folder, program, "start", "-c", sample.File);
        await mosn.ListensAsync(sample.Port);

        await AssertDecidesAsync(sample.Port);
        await AssertStatusAsync(sample, "name:checker,enable:true,on:true");
    }

    private static async Task DecidesAsync(string checkerFolder)
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = Copy(upstream.Port, checkerFolder);
        using var proxy = await StartAsync(sample);

        await AssertDecidesAsync(sample.Port);
        await AssertStatusAsync(sample, "name:checker,enable:true,on:true");
        Assert.Equal("", proxy.Error);
        proxy.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.Empty(PluginFolder.ProcessesWith(sample.Marker));
    }

    private static async Task AssertDecidesAsync(int port)
    {
        Assert.StartsWith("HTTP/1.1 403 ", await DecisionAsync(port, ""), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await DecisionAsync(port, "User: admin\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await DecisionAsync(port, "uSER: admin\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await DecisionAsync(port, "User: eve\r\n"), StringComparison.Ordinal);
    }

    // The sample gives its process a second, and a 500 where that was too short: for the first question on a busy machine it can be.
    private static async Task<string> DecisionAsync(int port, string fields)
    {
        string answer = "";
        await Eventually.HoldsAsync(async () => !(answer = await GetAsync(port, fields)).StartsWith("HTTP/1.1 500 ", StringComparison.Ordinal));
        return answer;
    }

    private static async Task AssertStatusAsync(PluginSampleCopy sample, string line)
        => Assert.Contains(line, await GetAsync(sample.AdminPort, "", "/api/v1/plugin?status=checker"), StringComparison.Ordinal);

    private static Task<string> GetAsync(int port, string fields, string path = "/")
        => RawClient.ExchangeAsync(port, $"GET {path} HTTP/1.1\r\nhost: localhost\r\n{fields}connection: close\r\n\r\n");

    private static string Sample(string folder) => Path.Combine(SampleCopy.Root, "samples", "subprocess-filter", folder);

    private static PluginSampleCopy Copy(int upstream, string checkerFolder) => new(upstream, checkerFolder);

    private static async Task<OutriderProcess> StartAsync(PluginSampleCopy sample)
    {
        var proxy = OutriderProcess.Start("start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);
        return proxy;
    }
}
