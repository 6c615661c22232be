using System.Globalization;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;
using Outrider.Tests.Plugins;

namespace Outrider.Tests.Libraries;

/// <summary>The sample whose filter comes out of a file and asks a process, as its page has it; and swapped, which makes another process.</summary>
public sealed class LibraryWithSubprocessTests : IDisposable
{
    private static readonly string s_sample = Path.Combine(SampleCopy.Root, "samples/library-with-subprocess");

    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-sample-").FullName;
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    private readonly int _port = OutriderProcess.FreePort(), _admin = OutriderProcess.FreePort();

    public void Dispose()
    {
        _upstream.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Its_filter_asks_the_process_also_after_a_swap()
    {
        string marker = Path.Combine(_folder, "checkconf.json");
        File.Copy(Path.Combine(s_sample, "checkconf.json"), marker);
        string configuration = Path.Combine(_folder, "mosn.json");
        string text = await File.ReadAllTextAsync(Path.Combine(s_sample, "mosn.json"));
        const string Built = "./bin/Release/net10.0/library-with-subprocess.dll", Checker = "../subprocess-filter/checker-python";
        Assert.Contains(Built, text, StringComparison.Ordinal);
        Assert.Contains(Checker, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(configuration, text.Replace(Built, Path.Combine(s_sample, Built), StringComparison.Ordinal)
            .Replace(Checker, PluginFolder.CheckerFolder, StringComparison.Ordinal)
            .Replace("./checkconf.json", marker, StringComparison.Ordinal)
            .Replace("127.0.0.1:2046", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}"), StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", _upstream.Address, StringComparison.Ordinal)
            .Replace("34901", _admin.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        using var proxy = OutriderProcess.Start("start", "-c", configuration, "--warm-up", "no");
        await proxy.ListensAsync(_port);
        await DecidesAsync();
        _ = Assert.Single(PluginFolder.ProcessesWith(marker));

        using var client = new HttpClient();
        using var reload = await client.PostAsync(new Uri($"http://127.0.0.1:{_admin}/api/v1/library?reload=demo_plugin"), null);
        Assert.Equal(200, (int)reload.StatusCode);

        await DecidesAsync();
        await Eventually.HoldsAsync(() => PluginFolder.ProcessesWith(marker).Count == 1);
    }

    private async Task DecidesAsync()
    {
        Assert.StartsWith("HTTP/1.1 403", await RawClient.ExchangeAsync(_port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(_port, "GET / HTTP/1.1\r\nhost: a\r\nuser: admin\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
    }
}
