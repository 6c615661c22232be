using System.Net;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>
/// Asks for the addresses of DNS names again and again, off the loops, and gives the clusters new lists of hosts when the answers
/// change. Names that did not resolve when the configuration was loaded come in this way. Belongs to one <see cref="ClusterSet"/>;
/// dispose it before the next one is built.
/// </summary>
internal sealed class DnsRefresher : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Cluster[] _clusters;
    private readonly NameResolver? _resolver;
    private readonly Action<string>? _warn;
    private readonly Action<UpstreamHost>? _removed;
    private readonly Lock _replacing = new();
    private HashSet<string> _reported;
    private TimeSpan? _lifetime;

    /// <summary>Starts; without any DNS name among the hosts there is nothing to do, and nothing runs.</summary>
    /// <param name="clusters">The clusters whose hosts are kept up to date.</param>
    /// <param name="warn">Told once of each name that ceases to resolve; may be null. Called on any thread.</param>
    /// <param name="removed">Told of hosts that are gone, whose pools are to be drained; may be null. Called on any thread.</param>
    /// <param name="interval">Time between two lookups; null for what the clusters say.</param>
    /// <param name="resolver">Resolves names; null for the system's resolver.</param>
    public DnsRefresher(
        ClusterSet clusters, Action<string>? warn = null, Action<UpstreamHost>? removed = null, TimeSpan? interval = null, NameResolver? resolver = null)
    {
        _clusters = [.. clusters.Clusters.Where(c => c.Configuration.Hosts.Any(h => h.EndPoint is DnsEndPoint))];
        _reported = [.. clusters.Warnings];
        _lifetime = clusters.NamesLifetime;
        _warn = warn;
        _removed = removed;
        _resolver = resolver;
        if (_clusters.Length > 0)
        {
            _ = Task.Run(() => RunAsync(interval ?? _clusters.Min(static c => c.Configuration.Dns.RefreshRate), _stop.Token));
        }
    }

    /// <summary>Ends. A lookup that is under way changes nothing any more.</summary>
    public void Dispose()
    {
        lock (_replacing)
        {
            _stop.Cancel();
        }
    }

    /// <summary>Looks all names up once.</summary>
    public async Task RefreshAsync()
    {
        ResolvedNames names = await ResolvedNames.ResolveAsync(_clusters.Select(c => c.Configuration), _resolver, _stop.Token).ConfigureAwait(false);
        _lifetime = names.Lifetime;
        HashSet<string> warnings = [];
        List<UpstreamHost> gone = [];
        string[] news;
        lock (_replacing)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            foreach (Cluster cluster in _clusters)
            {
                HostSet before = cluster.Hosts;
                HostSet after = HostListBuilder.Build(cluster.Configuration, before, names, cluster.Loops);
                warnings.UnionWith(DnsWarnings.Of(cluster.Configuration, after, names));
                if (!before.Hosts.SequenceEqual(after.Hosts))
                {
                    cluster.Replace(after);
                    gone.AddRange(before.Hosts.ToArray().Except(after.Hosts.ToArray()));
                }
            }

            news = [.. warnings.Except(_reported)];
            _reported = warnings;
        }

        foreach (string warning in news)
        {
            _warn?.Invoke(warning);
        }

        foreach (UpstreamHost host in gone)
        {
            _removed?.Invoke(host);
        }
    }

    private async Task RunAsync(TimeSpan interval, CancellationToken stop)
    {
        var wait = new LookupWait(interval);
        try
        {
            while (true)
            {
                // With a server that says how long its answer holds, that is when it is asked again, be it sooner or later; each second at most.
                var delay = wait.Next(anyUnknown: _reported.Count > 0);
                if (_lifetime is { } lifetime)
                {
                    var asked = _clusters.Where(static c => !c.Configuration.Dns.RespectsTtl).Select(static c => c.Configuration.Dns.RefreshRate).Append(lifetime).Min();
                    delay = _reported.Count > 0 && delay < asked ? delay : asked < LookupWait.First ? LookupWait.First : asked;
                }

                await Task.Delay(delay, stop).ConfigureAwait(false);
                try
                {
                    await RefreshAsync().ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    _warn?.Invoke($"looking up DNS names failed, they will be looked up again: {e.Message}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
