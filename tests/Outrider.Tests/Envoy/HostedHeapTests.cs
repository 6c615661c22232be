using System.Globalization;
using Outrider.Tests.Harness;
using Outrider.Tests.Libraries;

namespace Outrider.Tests.Envoy;

/// <summary>How much memory .NET takes inside Envoy: what its container may have says it.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class HostedHeapTests(EnvoyModules modules) : IDisposable
{
    private const long Limit = 640L << 20;

    // A hungry request takes what there is.
    private static readonly string s_source = CompiledLibrary.Source(
        "v1",
        members: """
            public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            {
                if (headers.Contains("hungry"u8)) { var all = new List<byte[]>(); while (true) { all.Add(new byte[8 << 20]); all[^1].AsSpan().Fill(1); } }
                return FilterAction.Continue;
            }
            """,
        onResponse: """headers.Set("x-heap", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes.ToString());""");

    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-hosted-").FullName;
    private readonly RawUpstream _upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    public void Dispose()
    {
        _upstream.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // The runtime's own rule, three quarters of the container's, leaves Envoy the rest.
    [MemoryGroupFact]
    public async Task The_heap_follows_the_limit_of_the_container_and_what_does_not_fit_fails_one_stream()
    {
        using var group = MemoryGroup.TryMake(Limit)!;
        using var envoy = await StartAsync(group: group);
        Assert.Equal(Limit * 3 / 4, await HeapAsync(envoy));

        using (var refused = await envoy.SendAsync("/", ("hungry", "1")))
        {
            Assert.Equal(500, (int)refused.StatusCode);
        }

        await Eventually.HoldsAsync(() => envoy.Log.Contains("OutOfMemoryException", StringComparison.Ordinal));
        Assert.Equal(Limit * 3 / 4, await HeapAsync(envoy));
        Assert.False(envoy.HasExited);
    }

    [EnvoyFact]
    public async Task The_environment_says_another_limit()
    {
        // The runtime reads it as hexadecimal.
        using var envoy = await StartAsync(new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "6000000" });

        Assert.Equal(0x6000000, await HeapAsync(envoy));
    }

    private async Task<EnvoyProcess> StartAsync(Dictionary<string, string>? environment = null, MemoryGroup? group = null)
    {
        string library = Path.Combine(_folder, "filters.dll");
        CompiledLibrary.Write(library, s_source);
        await HostedFolder.MakeAsync(modules);
        return await EnvoyProcess.StartAsync(modules, _upstream.Port, [EnvoyYaml.Filter(HostedFolder.Module, "version", HostedFolder.Config(library))], environment: environment, group: group);
    }

    private static async Task<long> HeapAsync(EnvoyProcess envoy)
    {
        using var response = await envoy.SendAsync("/");
        Assert.Equal(200, (int)response.StatusCode);
        return long.Parse(response.Headers.GetValues("x-heap").Single(), CultureInfo.InvariantCulture);
    }
}
