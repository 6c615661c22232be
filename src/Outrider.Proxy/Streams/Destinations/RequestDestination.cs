using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Destinations;

/// <summary>
/// Where a request goes: its route, the route's cluster, the host that a filter wishes for or that is chosen. Lives, and is used again, with its stream; on its loop.
/// </summary>
internal sealed class RequestDestination(StreamRecord record)
{
    private IReadOnlyList<KeyValuePair<string, string>> _metadataMatch = [];
    private List<KeyValuePair<string, string>>? _subset;
    private ProxyStreamMetadata? _metadata;
    private StreamAffinity _affinity;
    private string? _wantedHost;
    private bool _wantsNoOtherHost;

    /// <summary>The stream as route handlers see it. Set once, when the stream is made.</summary>
    internal StreamContext Context { get; set; } = null!;

    /// <summary>What filters have set on the stream, part of which chooses among a cluster's subsets.</summary>
    internal ProxyStreamMetadata Metadata => _metadata ??= new();

    /// <summary>What the upstream is spoken to in: what the route says, otherwise what the listener does.</summary>
    internal UpstreamProtocol UpstreamProtocol => record.Route?.UpstreamProtocol ?? record.Snapshot.UpstreamProtocol;

    /// <summary>Finds the request's route, or none.</summary>
    internal void MatchRoute() => record.Route = record.Snapshot.Router.Match(record.Request, Context, record.Snapshot.RouteHandler);

    /// <summary>The cluster of the route; null where it names one that is not there.</summary>
    internal Cluster? ChooseCluster() => record.Route!.ChooseCluster(record.Request, record.Services.Random, record.Loop.Index, out _metadataMatch);

    /// <summary>A filter wishes for a host.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="strict">Rather none than another one.</param>
    internal void WantHost(string address, bool strict)
    {
        _wantedHost = address;
        _wantsNoOtherHost = strict;
    }

    /// <summary>Chooses a host for the first try, the one that a filter wishes for if it is there; null when there is none.</summary>
    internal UpstreamHost? ChooseFirst(Cluster cluster, ref TriedHosts tried)
    {
        if (_wantedHost is { } wanted)
        {
            foreach (var host in cluster.Hosts.Hosts)
            {
                if (host.Address == wanted && host.IsHealthy && !tried.Contains(host))
                {
                    tried.Add(host);
                    return host;
                }
            }

            if (_wantsNoOtherHost)
            {
                return null;
            }
        }

        return Choose(cluster, ref tried);
    }

    /// <summary>Chooses a host for one try, of the subset that this request wants where the cluster has subsets; null when there is none.</summary>
    internal UpstreamHost? Choose(Cluster cluster, ref TriedHosts tried)
    {
        var (loop, random) = (record.Loop.Index, record.Services.Random);
        if (_affinity.HostOf(cluster, record.Request, ref tried) is { } host)
        {
            return host;
        }

        ulong? hash = _affinity.HashOf(record.Route?.Hash, record.Request, record.Addresses.Remote, random);
        if (cluster.Configuration.Subsets is null)
        {
            return cluster.ChooseHost(loop, random, ref tried, hash: hash);
        }

        var subset = _subset ??= [];
        subset.Clear();
        subset.AddRange(_metadataMatch);
        _metadata?.AddSubset(subset);
        return cluster.ChooseHost(loop, random, ref tried, subset, hash);
    }

    /// <summary>The request goes out to a host now. The first time its head gets what the route adds.</summary>
    internal void CompleteHead(UpstreamHost host)
    {
        if (record.Times.RequestSent != 0)
        {
            return;
        }

        record.Times.RequestSent = record.Loop.Timestamp;
        record.Route!.ApplyToRequest(record.Request);
        if (record.Request.Authority.IsEmpty)
        {
            // An HTTP/1.0 client need not say; an HTTP/1.1 upstream wants to know. A socket's path is no host.
            record.Request.SetAuthority(host.EndPoint is System.Net.IPEndPoint ? host.AddressBytes.Span : "localhost"u8);
        }
    }

    /// <summary>Adds to the response the cookies that keep the client to its host.</summary>
    internal void ApplyAffinity(ResponseHead response, Cluster cluster, UpstreamHost host) => _affinity.Apply(response, record.Route!.Hash?.Cookie, cluster, host);

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset()
    {
        _metadata?.Clear();
        _wantedHost = null;
        _wantsNoOtherHost = false;
        _affinity = default;
    }
}
