using Outrider.Assemblies;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Samples.GateListenerFilter;
using Outrider.Tests.Harness;
using Outrider.Tests.Tcp;

namespace Outrider.Tests.Listening;

/// <summary>Listener filters out of extension assemblies.</summary>
public sealed class ListenerFilterAssemblyTests
{
    [Fact]
    public async Task A_sample_in_a_dll_is_loaded_and_used()
    {
        var extensions = new ConnectionExtensions();
        Assert.Equal(["gate"], ExtensionAssembly.Load(typeof(GateFilter).Assembly.Location, new StreamFilterRegistry(), new CertificateProviderRegistry(), kinds: [ExtensionKind.ListenerFilters(extensions.ListenerFilters)]));
        await using var lab = new TcpLab();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadAsync() is { Length: > 0 } text)
            {
                await connection.SendAsync(text);
            }
        });
        int port = await lab.StartAsync(
            $$""" "listener_filters":[{"type":"gate","config":{"word":"open "} }],"filter_chains":[{{TcpLab.Chain("""{"cluster":"up"}""")}}] """,
            TcpLab.Cluster("up", upstream.Address), extensions: extensions);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("op");
        await client.SendAsync("en sesame");
        Assert.Equal("sesame", await client.ReadUntilAsync(text => text.Length == 6));
        Assert.Equal("", await RawClient.ExchangeAsync(port, "close"));
    }
}
