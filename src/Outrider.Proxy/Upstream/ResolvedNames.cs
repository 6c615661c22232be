using System.Net;
using System.Net.Sockets;
using Outrider.Proxy.Configuration.Model;

namespace Outrider.Proxy.Upstream;

/// <summary>What the DNS names among clusters' hosts resolved to at one moment.</summary>
internal sealed class ResolvedNames
{
    // glibc's default: 5 s for a server, twice (resolv.conf(5)). A start must not wait for more than one round of it.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, IPAddress[]> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, IPAddress[]> _others = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _failures = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Why names did not resolve, by name.</summary>
    public IReadOnlyDictionary<string, string> Failures => _failures;

    /// <summary>Resolves the names of all hosts at the same time. Never throws but for <paramref name="cancellation"/>.</summary>
    public static async Task<ResolvedNames> ResolveAsync(
        IEnumerable<ClusterConfiguration> clusters, NameResolver? resolver, CancellationToken cancellation)
    {
        resolver ??= Dns.GetHostAddressesAsync;
        var names = clusters.SelectMany(c => c.Hosts).Select(h => h.EndPoint).OfType<DnsEndPoint>().Select(e => e.Host);
        var resolved = new ResolvedNames();
        (string Name, Task<IPAddress[]> Task)[] lookups =
            [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => (name, Start(resolver, name, cancellation)))];
        foreach ((string name, Task<IPAddress[]> task) in lookups)
        {
            try
            {
                resolved.Add(name, await task.ConfigureAwait(false));
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                resolved._failures[name] = e is TimeoutException ? $"no answer within {s_timeout.TotalSeconds:0} s" : e.Message;
            }
        }

        return resolved;
    }

    /// <summary>The addresses of a name; null when it did not resolve.</summary>
    public IPAddress[]? Find(string name) => _addresses.GetValueOrDefault(name);

    /// <summary>The address of the name's other family that stands in for the one with that number of the first; null when it has one family.</summary>
    public IPAddress? FindOther(string name, int index) => _others.TryGetValue(name, out IPAddress[]? others) ? others[index % others.Length] : null;

    private static async Task<IPAddress[]> Start(NameResolver resolver, string name, CancellationToken cancellation)
        => await Task.Run(() => resolver(name, cancellation), cancellation).WaitAsync(s_timeout, cancellation).ConfigureAwait(false);

    // IPv4 where there is any, as MOSN's default is: a name such as localhost often has both. Its server may have only the other one.
    private void Add(string name, IPAddress[] addresses)
    {
        IPAddress[] v4 = [.. addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork).Distinct()];
        IPAddress[] v6 = [.. addresses.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6).Distinct()];
        IPAddress[] chosen = v4.Length > 0 ? v4 : v6;
        if (v4.Length > 0 && v6.Length > 0)
        {
            _others[name] = v6;
        }

        if (chosen.Length == 0)
        {
            _failures[name] = "it has no address";
        }
        else
        {
            _addresses[name] = chosen;
        }
    }
}
