using System.Net;
using System.Net.Sockets;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Plugins;
using Outrider.Proxy.Routing;
using Outrider.Security;
using Outrider.Upstream;
using Outrider.Upstream.Checks;

namespace Outrider.Proxy.Server;

/// <summary>
/// Finds all that would keep a proxy from starting with a configuration: each part is looked at whatever is wrong with the others.
/// No address is taken, no log is opened, no plugin started but those that certificates come from.
/// </summary>
/// <param name="configuration">The configuration; parts that could not be read may be missing.</param>
/// <param name="warn">Told what is odd, or null.</param>
internal sealed class ConfigurationCheck(ProxyConfiguration configuration, Action<ConfigurationProblem>? warn)
{
    private readonly List<ConfigurationProblem> _problems = [];

    /// <summary>Everything that is wrong. The thread that checks, once.</summary>
    /// <param name="registry">The stream filters.</param>
    /// <param name="certificates">The certificate providers.</param>
    /// <param name="plugins">Finds the plugins, or null.</param>
    /// <param name="extensions">Listener filters, connection handlers and load balancers, or null.</param>
    internal async Task<IReadOnlyList<ConfigurationProblem>> RunAsync(StreamFilterRegistry registry, CertificateProviderRegistry certificates, IPluginHost? plugins, ConnectionExtensions? extensions = null)
    {
        Look(() => ProxyAdmin.Check(configuration));
        Look(() => new ClusterBalancers(extensions?.LoadBalancers).Check(configuration.Clusters));
        Look(() => new HealthCheckPlans(extensions?.HealthChecks).Check(configuration.Clusters));
        Look(() => ConfigurationSources.Check(configuration, extensions?.ConfigurationSources));
        LookAtFiles();
        LookAtAddresses();
        var generation = ProxyServer.Begin(plugins, configuration, static (_, _) => { });
        var tls = TlsContextSet.Empty;
        try
        {
            tls = await TlsContextSet.BuildAsync(configuration, certificates, generation, TlsContextSet.Empty, (_, message) => Warn(message)).ConfigureAwait(false);
        }
        catch (ConfigurationException e)
        {
            _problems.AddRange(e.Problems);
        }

        try
        {
            Look(() =>
            {
                var builder = new SnapshotBuilder(registry, generation, null, tls, (_, message) => Warn(message), extensions) { Warn = warn ?? (static _ => { }) };
                var handles = new ClusterHandles(1);
                ProxyServer.Release(builder.Build(configuration, handles, builder.Compile(configuration.Server.Routers, handles, new Dictionary<string, CompiledRouter>())));
            });
        }
        finally
        {
            tls.Retire(TlsContextSet.Empty);
        }

        return _problems;
    }

    private void Warn(string message) => warn?.Invoke(new ConfigurationProblem(configuration.FilePath, "", 0, 0, message));

    private void Look(Action look)
    {
        try
        {
            look();
        }
        catch (ConfigurationException e)
        {
            _problems.AddRange(e.Problems);
        }
    }

    private void LookAtFiles()
    {
        try
        {
            LogFile.RequireWritable(configuration.Server.DefaultLogPath);
        }
        catch (IOException e)
        {
            _problems.Add(configuration.ProblemAt("servers[0].default_log_path", e.Message));
        }

        if (!string.IsNullOrEmpty(configuration.PidFile) && PlainFile.WhyNotWritable(configuration.PidFile, makesFolders: false) is { } problem)
        {
            _problems.Add(configuration.ProblemAt("pid", $"cannot write the pid file {configuration.PidFile}: it {problem}"));
        }
    }

    // Whether the machine has the address. Whether its port is free, only start can say: a proxy that runs may have it.
    private void LookAtAddresses()
    {
        for (int i = 0; i < configuration.Server.Listeners.Count; i++)
        {
            var listener = configuration.Server.Listeners[i];
            if (!listener.BindPort || listener.EndPoint is not IPEndPoint { Port: not 0 } address || address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
            {
                continue;
            }

            try
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(address.Address, 0));
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                _problems.Add(configuration.ProblemAt($"servers[0].listeners[{i}].address", $"this machine has no address {address.Address}"));
            }
            catch (SocketException)
            {
                // No sockets of this family, or none left: not a word about the configuration.
            }
        }
    }
}
