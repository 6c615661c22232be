using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Plugins;

/// <summary>The processes of the sample <c>cert-loader</c>, asked as a certificate provider asks them.</summary>
public sealed class CertLoaderTests
{
    [Fact]
    public Task The_loader_in_CSharp_gives_what_the_folder_holds_now() => GivesAsync(Path.Combine(PluginFolder.LoaderFolder, "loader"));

    [FactWithDebian("/usr/bin/python3", "/usr/lib/python3/dist-packages/grpc/__init__.py")]
    public Task The_loader_in_Python_gives_what_the_folder_holds_now() => GivesAsync(Path.Combine(SampleCopy.Root, "samples/cert-loader/loader-python/loader"));

    [FactWith("openssl")]
    public Task HTTPS_speaks_with_what_the_loader_in_CSharp_gives() => SpeaksAsync(PluginFolder.LoaderFolder);

    [FactWithDebian("/usr/bin/openssl", "/usr/bin/python3", "/usr/lib/python3/dist-packages/grpc/__init__.py")]
    public Task HTTPS_speaks_with_what_the_loader_in_Python_gives() => SpeaksAsync(Path.Combine(Sample, "loader-python"));

    private static string Sample { get; } = Path.Combine(SampleCopy.Root, "samples", "cert-loader");

    // The sample as its reader runs it, but for ports, and asking for a renewed certificate sooner.
    private static async Task SpeaksAsync(string pluginFolder)
    {
        using var folder = new PluginFolder();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await MakeCertificatesAsync(folder.Path);
        string file = folder.FileOf("mosn.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(Path.Combine(Sample, "mosn.json")))
            .Replace("127.0.0.1:2046", "127.0.0.1:0", StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", upstream.Address, StringComparison.Ordinal)
            .Replace("34901", "0", StringComparison.Ordinal)
            .Replace("\"loader\"", "\"loader\", \"extend_verify\": { \"refresh\": \"100ms\" }", StringComparison.Ordinal)
            .Replace("  \"servers\"", $"  \"plugin_dir\": \"{pluginFolder}\",\n  \"plugin\": {{ \"start_timeout\": \"60s\" }},\n  \"servers\"", StringComparison.Ordinal));
        using var proxy = OutriderProcess.Start("start", "-c", file, "--warm-up", "no");
        // The system's choice, which the log tells: a port chosen here could be another test's by the time the plugin has started.
        const string Line = "listener 'cert-loader' on 127.0.0.1:";
        await Eventually.HoldsAsync(() => proxy.HasExited || proxy.Out.Contains(Line, StringComparison.Ordinal));
        Assert.False(proxy.HasExited, proxy.Error);
        int port = int.Parse(proxy.Out[(proxy.Out.IndexOf(Line, StringComparison.Ordinal) + Line.Length)..].Split(',', '\n')[0], CultureInfo.InvariantCulture);

        var (refused, first) = await RequestAsync(port, "");
        Assert.StartsWith("HTTP/1.1 403 ", refused, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", (await RequestAsync(port, "User: admin\r\n")).Response, StringComparison.Ordinal);

        await MakeCertificatesAsync(folder.Path);
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    return (await RequestAsync(port, "")).Serial != first;
                }
                catch (IOException)
                {
                    // The folder's files change one after the other: a handshake in between may well fail.
                    return false;
                }
            });
        // While the files are being written anew the log may say that they do not fit; never what is in them.
        string key = (await File.ReadAllLinesAsync(Directory.EnumerateFiles(folder.Path, "key.pem", SearchOption.AllDirectories).First()))[1];
        Assert.DoesNotContain(key, proxy.Out, StringComparison.Ordinal);
    }

    private static async Task MakeCertificatesAsync(string folder)
    {
        using var make = OutriderProcess.StartIn(folder, Path.Combine(Sample, "make-certs.sh"));
        Assert.Equal(0, await make.ExitAsync());
    }

    private static async Task<(string Response, string Serial)> RequestAsync(int port, string fields)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        string serial = "";
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) =>
        {
            serial = certificate!.GetSerialNumberString();
            return certificate.Subject == "CN=localhost";
        });
        await tls.AuthenticateAsClientAsync("localhost").SoonAsync();
        await tls.WriteAsync(Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nhost: localhost\r\n{fields}connection: close\r\n\r\n"));
        using var reader = new StreamReader(tls);
        return (await reader.ReadToEndAsync().SoonAsync(), serial);
    }

    private static async Task GivesAsync(string program)
    {
        using var folder = new PluginFolder().With(program, "loader");
        await using var plugins = new TestPlugins(folder);
        string certs = Directory.CreateDirectory(folder.FileOf("certs")).FullName;
        foreach (string name in new[] { "cert", "key", "ca" })
        {
            await File.WriteAllTextAsync(Path.Combine(certs, name + ".pem"), $"-----BEGIN {name}-----\n");
        }

        var loader = await plugins.UseAsync("loader");
        Assert.Equal("-----BEGIN cert-----\n-----BEGIN key-----\n-----BEGIN ca-----\n", await AskAsync(loader));
        await File.WriteAllTextAsync(Path.Combine(certs, "cert.pem"), "renewed\n");
        Assert.StartsWith("renewed\n", await AskAsync(loader), StringComparison.Ordinal);

        File.Delete(Path.Combine(certs, "key.pem"));
        var failure = await loader.CallAsync(new PluginRequest(), PluginCalls.Patience).AsTask().FailureAsync();
        Assert.Equal(PluginFailure.Failed, failure.Failure);
        Assert.Contains("key.pem", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(IPlugin loader)
    {
        var response = await loader.CallAsync(new PluginRequest(), PluginCalls.Patience);
        using var json = JsonDocument.Parse(response.Body);
        return string.Concat(new[] { "cert_pem", "key_pem", "ca_pem" }.Select(key => json.RootElement.GetProperty(key).GetString()));
    }
}
