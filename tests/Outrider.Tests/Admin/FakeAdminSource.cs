using System.Text;
using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Tests.Admin;

/// <summary>A process as the admin API sees it, with one listener, one cluster, one host and one log.</summary>
internal sealed class FakeAdminSource : IAdminSource, IDisposable
{
    private readonly Logging.TemporaryFolder _folder = new();

    public FakeAdminSource()
    {
        ErrorLogs = new ErrorLogs(LogFiles);
        LogPath = _folder.File("e.log");
        ErrorLogs.Open(LogPath, StreamLogLevel.Info);
        Stats.Listener("l");
        Stats.Cluster("c");
    }

    public string LogPath { get; }

    public string Version => "1.2.3";

    public string Text { get; set; } = """
        {
          // MOSN's JSON is not strict
          "servers": [{
            "default_log_path": "stdout",
            "routers": [{"router_config_name": "r", "virtual_hosts": []}],
            "listeners": [
              {"name": "l", "address": "127.0.0.1:80", "filter_chains": [{"tls_context": {"private_key": "/etc/key.pem", "cert_chain": "-----BEGIN CERTIFICATE-----"}}]},
              {"address": "127.0.0.1:81", "x": "-----BEGIN EC PRIVATE KEY-----\nMIGH"},
            ],
          }],
          "cluster_manager": {"clusters": [{"name": "c", "hosts": [{"address": "127.0.0.1:90"}]}]},
        }
        """;

    public ReadOnlyMemory<byte> Configuration => Encoding.UTF8.GetBytes(Text);

    public ProxyStats Stats { get; } = new(2);

    public IReadOnlyList<AdminCluster> Clusters => [new("c", [new("", "127.0.0.1:90", true, 1, 20, 3)])];

    public IReadOnlyList<AdminListener> Listeners => [new("l", "127.0.0.1:80")];

    /// <summary>What was sent to be put in force.</summary>
    public List<ConfigurationResource> Applied { get; } = [];

    public Task<IReadOnlyList<ConfigurationResourceResult>> ApplyAsync(IReadOnlyList<ConfigurationResource> resources)
    {
        Applied.AddRange(resources);
        return Task.FromResult<IReadOnlyList<ConfigurationResourceResult>>([.. resources.Select(resource => new ConfigurationResourceResult(
            resource.Kind, resource.Name, resource.Name == "bad" ? ["is bad"] : []))]);
    }

    public int State => 6;

    public ErrorLogs ErrorLogs { get; }

    public LogFiles LogFiles { get; } = new();

    public void Dispose()
    {
        LogFiles.Dispose();
        _folder.Dispose();
    }
}
