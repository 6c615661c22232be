using System.Text;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Routing;

/// <summary>
/// A route compiled. It forwards (<see cref="Action"/>), answers (<see cref="DirectResponse"/>) or redirects
/// (<see cref="Redirect"/>). Immutable, shared by all loops.
/// </summary>
internal sealed class Route
{
    private readonly ClusterChoice? _choice;
    private readonly PathRewriter? _pathRewriter;
    private readonly HeaderMutator _requestMutator;
    private readonly HeaderMutator _responseMutator;
    private readonly byte[]? _hostRewrite;
    private readonly bool _autoHostRewrite;

    public Route(RouteConfiguration configuration, VirtualHostConfiguration virtualHost, RouterConfiguration router, ClusterHandles clusters, UpstreamProtocols protocols, List<ConfigurationProblem> problems, int number)
    {
        Number = number;
        Info = new RouteInfo(configuration.DisplayName, virtualHost.Name, router.Name) 
        {
            ClusterName = configuration.Action?.ClusterName,
            MirrorCluster = configuration.Mirror?.Cluster,
            MirrorPercent = configuration.Mirror?.Percent ?? 0,
        };
        Matcher = new RouteMatcher(configuration.Match);
        Action = configuration.Action;
        DirectResponse = configuration.DirectResponse is { } response ? new DirectResponse(response) : null;
        Redirect = configuration.Redirect is { } redirect ? new Redirect(redirect) : null;
        HeaderMutations own = Action?.HeaderMutations ?? HeaderMutations.None;
        _requestMutator = HeaderMutator.ForRequests(own, virtualHost.HeaderMutations, router.HeaderMutations);
        _responseMutator = HeaderMutator.ForResponses(own, virtualHost.HeaderMutations, router.HeaderMutations);
        _choice = Action is null ? null : new ClusterChoice(Action, clusters);
        Hash = RequestHash.Create(Action?.HashPolicy ?? []);
        _pathRewriter = PathRewriter.Create(Action, Matcher);
        _hostRewrite = Action?.HostRewrite is { } host ? Encoding.UTF8.GetBytes(host) : null;
        _autoHostRewrite = Action is { AutoHostRewrite: true, HostRewrite: null };

        UpstreamProtocol = Action?.UpstreamProtocol is { } protocol ? protocols.Of(protocol, problems) : null;

        // Rounded up: a limit below a millisecond must not become none.
        TimeoutMilliseconds = (int)Math.Min(Math.Ceiling(Action?.Timeout.TotalMilliseconds ?? 0), int.MaxValue);
        MaxStreamMilliseconds = (long)(configuration.Action?.MaxStreamDuration.TotalMilliseconds ?? 0);
    }

    /// <summary>Its place among all routes of its router, in the order of the configuration, from 0: what tables of things that routes have are sorted by.</summary>
    public int Number { get; }

    /// <summary>May the path that goes upstream be another than the client's?</summary>
    public bool RewritesPath => _pathRewriter is not null;

    /// <summary>What filters see of it.</summary>
    public RouteInfo Info { get; }

    /// <summary>What a request must look like.</summary>
    public RouteMatcher Matcher { get; }

    /// <summary>Forwards: what the configuration says, its retry policy among the rest; null when the route does not forward.</summary>
    public RouteActionConfiguration? Action { get; }

    /// <summary>What the upstream is spoken to in; null for what the listener says.</summary>
    public UpstreamProtocol? UpstreamProtocol { get; }

    /// <summary>What load balancers know requests by that belong together; null where the route has no <c>hash_policy</c>.</summary>
    public RequestHash? Hash { get; }

    /// <summary>Answers; null when the route does something else.</summary>
    public DirectResponse? DirectResponse { get; }

    /// <summary>Sends the client elsewhere; null when the route does something else.</summary>
    public Redirect? Redirect { get; }

    /// <summary>Longest time from the end of the request to the head of the response, retries included, and longest silence within the response's body; 0 for no limit.</summary>
    public int TimeoutMilliseconds { get; }

    /// <summary>Milliseconds from the request's first byte to the end of the response; 0 for no limit.</summary>
    public long MaxStreamMilliseconds { get; }

    /// <summary>
    /// The cluster of a request. With weights each call draws anew: once per request. Null when the route does not forward, or there is no
    /// cluster of the name. Allocates nothing.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="random">Draws.</param>
    /// <param name="loop">The number of the loop that it is asked on.</param>
    /// <param name="metadataMatch">Which subset of the cluster's hosts it may go to, where the cluster has subsets.</param>
    public Cluster? ChooseCluster(RequestHead request, LoopRandom random, int loop, out IReadOnlyList<KeyValuePair<string, string>> metadataMatch)
    {
        metadataMatch = [];
        return _choice?.Choose(request, random, loop, out metadataMatch);
    }

    /// <summary>
    /// Changes a request for upstream, in MOSN's order: the headers of route, virtual host and router, then the host, then the
    /// path. Once per request, before the first try; <see cref="ApplyHost"/> is for every try.
    /// </summary>
    public void ApplyToRequest(RequestHead request)
    {
        _requestMutator.Apply(request);
        if (_hostRewrite is not null)
        {
            request.SetAuthority(_hostRewrite);
        }

        _pathRewriter?.Apply(request);
    }

    /// <summary>
    /// <c>auto_host_rewrite</c>: the request asks for the name of the host that was chosen, in <see cref="ClusterType.StrictDns"/>
    /// clusters as in MOSN, where the host has a name. At every try; a second time does no harm.
    /// </summary>
    public void ApplyHost(RequestHead request, Cluster cluster, UpstreamHost host)
    {
        if (_autoHostRewrite && cluster.Configuration.Type == ClusterType.StrictDns && !host.HostnameBytes.IsEmpty
            && !request.Authority.SequenceEqual(host.HostnameBytes))
        {
            request.SetAuthority(host.HostnameBytes);
        }
    }

    /// <summary>Changes the headers of a response for the client: those of route, virtual host and router. Once per response.</summary>
    public void ApplyToResponse(ResponseHead response) => _responseMutator.Apply(response);

    /// <summary>The value of <c>Location</c>. Only where there is a <see cref="Redirect"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scheme">What it came by: <c>http</c> or <c>https</c>.</param>
    public byte[] BuildRedirectLocation(RequestHead request, ReadOnlySpan<byte> scheme)
        => (Redirect ?? throw new InvalidOperationException($"route {Info.Name} does not redirect")).BuildLocation(request, scheme);
}
