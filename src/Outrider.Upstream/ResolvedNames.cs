using System.Net;
using System.Net.Sockets;
using Outrider.Configuration.Model;
using Outrider.Upstream.Discovery;

namespace Outrider.Upstream;

/// <summary>What the DNS names among clusters' hosts resolved to at one moment.</summary>
internal sealed class ResolvedNames
{
    // glibc's default: 5 s for a server, twice (resolv.conf(5)). A start must not wait for more than one round of it.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private readonly Dictionary<(string Way, string Name), IPAddress[]> _addresses = [];
    private readonly Dictionary<(string Way, string Name), IPAddress[]> _others = [];
    private readonly Dictionary<(string Way, string Name), string> _failures = [];

    /// <summary>How long the shortest answer holds that a cluster wants to go by; null where none does.</summary>
    public TimeSpan? Lifetime { get; private set; }

    /// <summary>Resolves the names of all hosts at the same time. Never throws but for <paramref name="cancellation"/>.</summary>
    public static async Task<ResolvedNames> ResolveAsync(
        IEnumerable<ClusterConfiguration> clusters, NameResolver? resolver, CancellationToken cancellation)
    {
        var names = clusters.SelectMany(cluster => cluster.Hosts.Select(host => host.EndPoint).OfType<DnsEndPoint>().Select(endPoint => (cluster.Dns, Name: Normal(endPoint.Host))));
        var resolved = new ResolvedNames();
        (DnsConfiguration Dns, string Name, Task<DnsAnswer> Task)[] lookups =
            [.. names.DistinctBy(static name => (name.Dns.Key, name.Name)).Select(name => (name.Dns, name.Name, Start(name.Dns, resolver, name.Name, cancellation)))];
        foreach (var (dns, name, task) in lookups)
        {
            try
            {
                resolved.Add(dns, name, await task.ConfigureAwait(false));
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                resolved._failures[(dns.Key, name)] = e is TimeoutException ? $"no answer within {s_timeout.TotalSeconds:0} s" : e.Message;
            }
        }

        return resolved;
    }

    /// <summary>The addresses of a name; null when it did not resolve.</summary>
    public IPAddress[]? Find(DnsConfiguration dns, string name) => _addresses.GetValueOrDefault((dns.Key, Normal(name)));

    /// <summary>Why a name did not resolve; null when it did.</summary>
    public string? FailureOf(DnsConfiguration dns, string name) => _failures.GetValueOrDefault((dns.Key, Normal(name)));

    /// <summary>The address of the name's other family that stands in for the one with that number of the first; null when it has one family.</summary>
    public IPAddress? FindOther(DnsConfiguration dns, string name, int index)
        => _others.TryGetValue((dns.Key, Normal(name)), out IPAddress[]? others) ? others[index % others.Length] : null;

    private static string Normal(string name) => name.ToLowerInvariant();

    private static async Task<DnsAnswer> Start(DnsConfiguration dns, NameResolver? resolver, string name, CancellationToken cancellation)
    {
        if (resolver is null && dns.IsDirect)
        {
            try
            {
                return await Task.Run(() => new DnsClient(dns).ResolveAsync(name, cancellation), cancellation).WaitAsync(s_timeout, cancellation).ConfigureAwait(false);
            }
            catch (Exception) when (dns.Servers.Count == 0 && dns.File is null && !cancellation.IsCancellationRequested)
            {
                // The system knows names that no server does: /etc/hosts, and what nsswitch.conf(5) says.
            }
        }

        resolver ??= System.Net.Dns.GetHostAddressesAsync;
        return new DnsAnswer(await Task.Run(() => resolver(name, cancellation), cancellation).WaitAsync(s_timeout, cancellation).ConfigureAwait(false), TimeSpan.Zero);
    }

    // IPv4 where there is any, as MOSN's default is: a name such as localhost often has both. Its server may have only the other one.
    private void Add(DnsConfiguration dns, string name, DnsAnswer answer)
    {
        var key = (dns.Key, name);
        IPAddress[] v4 = [.. answer.Addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork && dns.Family != AddressFamily.InterNetworkV6).Distinct()];
        IPAddress[] v6 = [.. answer.Addresses.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6 && dns.Family != AddressFamily.InterNetwork).Distinct()];
        IPAddress[] chosen = v4.Length > 0 ? v4 : v6;
        if (v4.Length > 0 && v6.Length > 0)
        {
            _others[key] = v6;
        }

        if (chosen.Length == 0)
        {
            _failures[key] = "it has no address";
            return;
        }

        _addresses[key] = chosen;
        if (dns.RespectsTtl && answer.Lifetime > TimeSpan.Zero && (Lifetime is null || answer.Lifetime < Lifetime))
        {
            Lifetime = answer.Lifetime;
        }
    }
}
