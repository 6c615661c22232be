using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Net.Loops;
using Outrider.Net.Tls;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>
/// What a filter whose code was not written against this API (a module's) does with its stream: it stops and starts it at any
/// time, answers piece by piece, asks other clusters. On the stream's loop, while the stream lives, and outside of calls to
/// the filter where nothing else is said: inside, an answer of the method says the same.
/// </summary>
internal interface IStreamControl : ICallSource
{
    /// <summary>The loop that the stream lives on.</summary>
    EventLoop Loop { get; }

    /// <summary>Are clients, and so filters, held to what RFC 3986 allows in a target (<c>strict_target</c>)?</summary>
    bool IsStrictTarget { get; }

    /// <summary>The request's trailers, once there are any.</summary>
    HeaderMap? RequestTrailers { get; }

    /// <summary>The response's trailers, once there are any.</summary>
    HeaderMap? ResponseTrailers { get; }

    /// <summary>Has the client been sent a response's head?</summary>
    bool IsResponseSent { get; }

    /// <summary>Why the response is what it is, in a few words; null when nothing is to be said.</summary>
    string? Details { get; }

    /// <summary>Why the upstream failed; null when it did not.</summary>
    string? FailureReason { get; }

    /// <summary>The cluster that the request goes to, as far as that is known: of weighted ones it is not before the host is chosen.</summary>
    string? RoutedCluster { get; }

    /// <summary>A number that no other client's connection of this process has. Made when it is first asked for.</summary>
    long ConnectionId { get; }

    /// <summary>What TLS has agreed on with the client; null for plain text.</summary>
    TlsInfo? Tls { get; }

    /// <summary>What TLS has agreed on with the upstream; null for plain text, and before there is a connection.</summary>
    TlsInfo? UpstreamTls { get; }

    /// <summary>How many times the request was sent to an upstream, or is being sent.</summary>
    int Attempts { get; }

    /// <summary>How many of the hosts that the request was sent to are remembered (<see cref="TriedHosts.Capacity"/>).</summary>
    int TriedHostCount { get; }

    /// <summary>The clusters of the stream's configuration.</summary>
    LoopClusters Clusters { get; }

    /// <summary>What the matched route configures of its own for this filter, read by <see cref="FilterChains.IRouteConfigurableFactory"/>; null for nothing.</summary>
    object? RouteConfigurationOf(StreamFilter filter);

    /// <summary>The answer's trailers, to be filled before <see cref="SendReplyTrailers"/>.</summary>
    HeaderBlock ReplyTrailers { get; }

    /// <summary>What the filter held back (<see cref="FilterActionKind.Hold"/>, or body bytes that it took out of the pieces it saw) goes on.</summary>
    void Release(StreamFilter filter, bool ofResponse, bool clearRoute);

    /// <summary>Answers in the place of the upstream; ends the stream where the response has begun.</summary>
    void Reply(LocalReply reply);

    /// <summary>An empty head for an answer that comes piece by piece, to be filled before <see cref="BeginReply"/>; null when a response has begun.</summary>
    ResponseHead? OpenReply();

    /// <summary>Sends the head that <see cref="OpenReply"/> gave.</summary>
    void BeginReply(StreamFilter filter, bool endStream);

    /// <summary>Sends a piece of the answer's body.</summary>
    void SendReplyData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>Sends the answer's trailers, which end it.</summary>
    void SendReplyTrailers();

    /// <summary>Ends the stream without (the rest of) an answer.</summary>
    void Terminate(string? details);

    /// <summary>The client's connection closes after this response. Any time.</summary>
    void CloseAfterResponse();

    /// <summary>Asks for the host of that address, in the cluster that the request goes to. Any time before the host is chosen.</summary>
    void WantHost(string address, bool strict);

    /// <summary>The address of one of the hosts that the request was sent to, the first one first.</summary>
    string TriedHost(int index);

    /// <summary>Something of the stream's own, disposed of on its loop after its last filter.</summary>
    void Keep(IDisposable resource);
}
