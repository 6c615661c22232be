using System.Text.Json;
using Outrider.Filters;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Plugins;

/// <summary>The processes of the sample <c>cert-loader</c>, asked as a certificate provider asks them.</summary>
public sealed class CertLoaderTests
{
    [Fact]
    public Task The_loader_in_CSharp_gives_what_the_folder_holds_now() => GivesAsync(Path.Combine(PluginFolder.LoaderFolder, "loader"));

    [FactWithDebian("/usr/bin/python3", "/usr/lib/python3/dist-packages/grpc/__init__.py")]
    public Task The_loader_in_Python_gives_what_the_folder_holds_now() => GivesAsync(Path.Combine(SampleCopy.Root, "samples/cert-loader/loader-python/loader"));

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
