using Outrider.Filters;
using Outrider.Hosting.Ends;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Net.Addresses;
using Outrider.Net.Loops;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Streams.Contexts;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Paths;

namespace Outrider.Proxy.Streams;

/// <summary>
/// One request and its response, from the first byte to the last: joins the client's side, the two ways through the filters
/// and the exchange with the upstream. It lives on one loop and is used again when it has ended.
/// </summary>
internal sealed partial class ProxyStream : ServerStream, IFilterUser
{
    private readonly FilterChain _filters;
    private readonly FilterUse _use;
    private readonly ProxyStreamContext _context;
    private HeaderBlock? _responseTrailers;
    private EarlyEnd _earlyEnd;
    private ProtocolError? _refused;
    private bool _begun, _ended, _concluded, _clientBlocked;

    internal ProxyStream(ListenerStreams site, ListenerSnapshot snapshot, FilterUse use)
    {
        _use = use;
        Site = site;
        Snapshot = snapshot;
        Loop = site.Loop;
        _filters = new FilterChain(snapshot.Filters, site.Loop);
        Deadline = new StreamDeadline(this);
        RequestPath = new RequestPath(this, _filters);
        ResponsePath = new ResponsePath(this, _filters);
        Exchange = new UpstreamExchange(this);
        _context = new ProxyStreamContext(this);
    }

    internal ListenerStreams Site { get; }

    /// <summary>The configuration that this stream began with, and ends with.</summary>
    internal ListenerSnapshot Snapshot { get; }

    internal EventLoop Loop { get; }

    internal StreamDeadline Deadline { get; }

    internal RequestPath RequestPath { get; }

    internal ResponsePath ResponsePath { get; }

    internal UpstreamExchange Exchange { get; }

    internal ResponseHead Response { get; } = new();

    /// <summary>Filled by the upstream's codec, which clears it first.</summary>
    internal HeaderBlock ResponseTrailers => _responseTrailers ??= new();

    internal ProxyStreamContext Context => _context;

    internal FilterChain Filters => _filters;

    /// <summary>The response's status; 0 while there is none.</summary>
    internal int ResponseCode => _refused?.Status ?? (ResponsePath.HasBegun ? Response.Status : 0);

    /// <summary>Was the request refused before it became one?</summary>
    internal bool IsRefused => _refused is not null;

    internal long Id { get; private set; }

    internal Route? Route { get; private set; }

    /// <summary>The client's address, as far as proxies before this one are believed about it.</summary>
    internal PeerAddress RemoteAddress { get; private set; }

    /// <summary>The other end of the client's connection.</summary>
    internal PeerAddress PeerAddress { get; private set; }

    internal ResponseFlags Flags { get; set; }

    /// <summary>Why it ended as it did, for logs; null when the upstream answered.</summary>
    internal string? Details { get; set; }

    internal long BytesIn { get; private set; }

    internal long BytesOut { get; set; }

    /// <summary>After an upgrade: bytes pass both ways, and mean nothing to us.</summary>
    internal bool IsTunnel { get; set; }

    // Timestamps of Stopwatch; 0 while it has not happened.
    internal long StartedAt { get; private set; }

    internal long RequestSentAt { get; private set; }

    internal long ResponseReceivedAt { get; private set; }

    internal long EndedAt { get; private set; }

    /// <summary>Milliseconds that the upstream has.</summary>
    internal int RouteTimeout => Route?.TimeoutMilliseconds ?? 60_000;

    /// <summary>May somebody ask for the connections' addresses after they are gone?</summary>
    internal bool NeedsAddresses => Site.HasAccessLogs || Snapshot.Filters.Any(StreamFilterMethods.OnLog);

    internal ProxyStream? NextFree { get; set; }

    /// <summary>Makes the stream ready for a request.</summary>
    internal void Renew()
    {
        if (_concluded)
        {
            RequestPath.Reset();
            ResponsePath.Reset();
            Exchange.Reset();
            _pieces?.Reset();
            _writer = null;
            _context.Reset();
            Route = null;
            Flags = ResponseFlags.None;
            Details = null;
            _refused = null;
            WantedHost = null;
            _affinity = default;
            WantsNoOtherHost = false;
            BytesIn = BytesOut = 0;
            RequestSentAt = ResponseReceivedAt = EndedAt = 0;
            _earlyEnd.Reset();
            _begun = _ended = _concluded = _clientBlocked = IsTunnel = false;
        }
    }
}
