using System.Net;
using Outrider.Configuration.Model;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>Says which names of a cluster did not resolve, and what that means for it.</summary>
internal static class DnsWarnings
{
    /// <summary>One sentence for each host whose name did not resolve.</summary>
    public static IEnumerable<string> Of(ClusterConfiguration configuration, HostSet hosts, ResolvedNames names)
    {
        foreach (HostConfiguration host in configuration.Hosts)
        {
            if (host.EndPoint is DnsEndPoint name && names.FailureOf(configuration.Dns, name.Host) is { } reason)
            {
                bool isKept = hosts.Hosts.ToArray().Any(h => h.Name == host.Address);
                yield return $"cluster {configuration.Name}: {name.Host} does not resolve ({reason}); "
                    + (isKept ? "its former addresses stay in use" : "the host is left out until it does");
            }
        }
    }
}
