using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Libraries;

namespace Outrider.Tests.Nginx;

/// <summary>Assemblies inside nginx: the module that starts .NET in Envoy, through our host of the same ABI.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class HostedTests(EnvoyModules filters, NginxModule modules) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-hosted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NginxFact]
    public async Task An_assembly_runs_and_is_swapped_in_every_worker()
    {
        await HostedFolder.MakeAsync(filters);
        string library = Path.Combine(_folder, "filters.dll");
        // Workers run as nobody, and a folder of a test is its user's alone.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(filters.Folder, (UnixFileMode)0b111_101_101);
        CompiledLibrary.Write(library, CompiledLibrary.Source("v1"));
        using var upstream = new EchoUpstream();
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_dotnet_root {Path.GetDirectoryName(Environment.ProcessPath)}; outrider_module net {Path.Combine(filters.Folder, "liboutrider.so")};",
            $$$"""
            outrider_filter net version '{"assembly":"{{{library}}}","config":{"note":"from nginx"}}';
            location / { proxy_pass http://127.0.0.1:{{{upstream.Port}}}; }
            """,
            workers: 2);
        Assert.Equal(("v1", "from nginx"), await AskAsync(nginx));

        CompiledLibrary.Write(library, CompiledLibrary.Source("v2"));

        // Each worker has a runtime of its own, and looks by itself.
        for (int same = 0, left = 400; same < 20; left--)
        {
            Assert.True(left > 0, nginx.Log);
            same = await AskAsync(nginx) == ("v2", "from nginx") ? same + 1 : 0;
            if (same == 0)
            {
                await Task.Delay(50);
            }
        }

        Assert.False(nginx.HasExited);
    }

    [NginxFact]
    public async Task Of_too_many_old_versions_the_streams_of_the_oldest_end()
    {
        await HostedFolder.MakeAsync(filters);
        string library = Path.Combine(_folder, "filters.dll");
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(filters.Folder, (UnixFileMode)0b111_101_101);
        CompiledLibrary.Write(library, CompiledLibrary.Source("v1"));
        var answer = new TaskCompletionSource();
        using var arrived = new SemaphoreSlim(0);
        using var upstream = new EchoUpstream(async context =>
        {
            if (context.Request.RawUrl == "/slow")
            {
                arrived.Release();
                await answer.Task;
            }

            return false;
        });
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_dotnet_root {Path.GetDirectoryName(Environment.ProcessPath)}; outrider_module net {Path.Combine(filters.Folder, "liboutrider.so")};",
            $$$"""
            outrider_filter net version '{"assembly":"{{{library}}}","config":{"note":"n"},"old_versions":0}';
            location / { proxy_pass http://127.0.0.1:{{{upstream.Port}}}; }
            """);
        using var first = await RawClient.ConnectAsync(nginx.Port);
        await first.SendAsync("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.True(await arrived.WaitAsync(Eventually.Patience), nginx.Log);

        CompiledLibrary.Write(library, CompiledLibrary.Source("v2"));

        Assert.Equal("", await first.ReadToEndAsync());
        Assert.Equal(("v2", "n"), await AskAsync(nginx));
        await Eventually.HoldsAsync(() => nginx.Log.Contains("1 stream of version 1 ended, as more than old_versions are alive", StringComparison.Ordinal));
        answer.SetResult();
        Assert.False(nginx.HasExited);
    }

    // On connections of their own, which come to either worker.
    private static async Task<(string Version, string Note)> AskAsync(NginxProcess nginx)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{nginx.Port}/"));
        Assert.Equal(200, (int)response.StatusCode);
        return (response.Headers.GetValues("x-version").Single(), response.Headers.GetValues("x-note").Single());
    }
}
