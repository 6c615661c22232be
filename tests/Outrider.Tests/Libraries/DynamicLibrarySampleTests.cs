using Outrider.Tests.CommandLine;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Libraries;

/// <summary>The sample whose filter comes out of a file, in both forms, as its page has it.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class DynamicLibrarySampleTests(EnvoyModules modules)
{
    private const string Sample = "samples/dynamic-library-filter";

    [Fact]
    public async Task As_an_assembly() => await AnswersAsync("mosn.json", "./bin/Release/net10.0/dynamic-library-filter.dll", await modules.BuildAsync(Sample));

    [Fact]
    public async Task As_a_shared_library()
        => await AnswersAsync("mosn-so.json", "./bin/Release/net10.0/publish/libdynamic_library_filter.so", Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(Sample)}.so"));

    private static async Task AnswersAsync(string file, string written, string built)
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        int port = OutriderProcess.FreePort();
        string folder = Directory.CreateTempSubdirectory("outrider-sample-").FullName;
        try
        {
            string configuration = Path.Combine(folder, file);
            string text = await File.ReadAllTextAsync(Path.Combine(EnvoyModules.Root, Sample, file));
            Assert.Contains(written, text, StringComparison.Ordinal);
            await File.WriteAllTextAsync(configuration, text.Replace(written, built, StringComparison.Ordinal).Replace("127.0.0.1:2046", $"127.0.0.1:{port}", StringComparison.Ordinal)
                .Replace("127.0.0.1:8080", upstream.Address, StringComparison.Ordinal).Replace("34901", OutriderProcess.FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
            using var proxy = OutriderProcess.Start("start", "-c", configuration, "--warm-up", "no");
            await proxy.ListensAsync(port);

            Assert.StartsWith("HTTP/1.1 403", await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\nhost: a\r\nuser: admin\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
