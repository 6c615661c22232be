using System.Net;

namespace Outrider.Filters;

/// <summary>
/// What a filter may know of its stream, and the little it may set. Only to be touched on the stream's loop thread while
/// the stream lives, but for <see cref="Aborted"/>, which is for any thread.
/// </summary>
public abstract class StreamContext
{
    /// <summary>A number that no other stream of this process has.</summary>
    public abstract long Id { get; }

    /// <summary>Cancelled when the stream ends before its time: the client has gone, a timeout struck, the upstream broke. For what a filter awaits; asking for it costs an allocation.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>The protocol that the client speaks: <c>HTTP/1.0</c>, <c>HTTP/1.1</c>.</summary>
    public abstract string Protocol { get; }

    /// <summary>The request's headers, in every phase and in <see cref="StreamFilter.OnLog"/>.</summary>
    public abstract RequestHeaders RequestHeaders { get; }

    /// <summary>The response's headers, once there are any.</summary>
    public abstract ResponseHeaders? ResponseHeaders { get; }

    /// <summary>Name of the listener that accepted the connection.</summary>
    public abstract string ListenerName { get; }

    /// <summary>The matched route; null before the match, or when nothing matched.</summary>
    public abstract RouteInfo? Route { get; }

    /// <summary>Name of the cluster that the request goes to; null until the host is chosen (a filter may still decide it before that) and for direct responses.</summary>
    public abstract string? ClusterName { get; }

    /// <summary>The chosen host's address, <c>10.0.0.1:8080</c>; null before one is chosen.</summary>
    public abstract string? UpstreamHost { get; }

    /// <summary>The chosen host itself, which may be kept beyond the stream; null before one is chosen, and on a base that has no hosts to give.</summary>
    public virtual BalancedHost? Host => null;

    /// <summary>
    /// The client's address and port; null for one on a Unix socket. It is the connection's, unless the base believes others about it
    /// (our <c>trusted_hops</c> and <c>trusted_addresses</c>, Envoy's <c>xff_num_trusted_hops</c>, nginx's <c>real_ip</c>): then <c>x-forwarded-for</c>
    /// tells, and the port is 0 where none is told. Makes an object.
    /// </summary>
    public virtual IPEndPoint? DownstreamRemote => IPEndPoint.TryParse(DownstreamRemoteAddress, out var remote) ? remote : null;

    /// <summary><see cref="DownstreamRemote"/> as text, <c>10.0.0.1:4711</c>; <c>unix</c> for a Unix socket. Makes a string.</summary>
    public abstract string DownstreamRemoteAddress { get; }

    /// <summary>The address and port that the client connected to. Makes a string.</summary>
    public abstract string DownstreamLocalAddress { get; }

    /// <summary>Our own address and port on the upstream connection; null while there is none. Makes a string.</summary>
    public abstract string? UpstreamLocalAddress { get; }

    /// <summary>What TLS has agreed on with the client; null for plain text, and on a base that does not tell. The same object for all streams of a connection.</summary>
    public virtual StreamTls? DownstreamTls => null;

    /// <summary>When what happened.</summary>
    public abstract StreamTimings Timings { get; }

    /// <summary>
    /// The time, and timers: <c>Task.Delay(delay, Stream.Time, Stream.Aborted)</c>. A filter that reads it here can be tested without waiting
    /// (<c>Outrider.Filters.Testing</c>). The system's own on every base.
    /// </summary>
    public virtual TimeProvider Time => TimeProvider.System;

    /// <summary>Body bytes received from the client so far.</summary>
    public abstract long BytesReceived { get; }

    /// <summary>Body bytes handed to the client's connection so far.</summary>
    public abstract long BytesSent { get; }

    /// <summary>The response's status; 0 while there is none.</summary>
    public abstract int ResponseCode { get; }

    /// <summary>What went wrong, if anything.</summary>
    public abstract ResponseFlags ResponseFlags { get; }

    /// <summary>True when the response was made here (a filter's reply, a direct response, a fault) and not by the upstream.</summary>
    public abstract bool IsLocalReply { get; }

    /// <summary>A log whose lines carry this stream's id.</summary>
    public abstract StreamLog Log { get; }

    /// <summary>A variable by name: one that a filter set, or one of the proxy's (<c>request_header_…</c>, <c>upstream_host</c> and the others of MOSN's access log). Null when there is none.</summary>
    public abstract object? GetVariable(string name);

    /// <summary>Sets a variable for the filters after this one and for the access log; null removes it.</summary>
    /// <exception cref="ArgumentException">The name is one of the proxy's own.</exception>
    public abstract void SetVariable(string name, object? value);

    /// <summary>
    /// What the matched route configures of its own for this filter, read as the filter's configuration is; null when the
    /// route has none, or there is no route yet. Shared by all streams of that route.
    /// </summary>
    public virtual object? RouteConfiguration => null;

    /// <summary>The route's configuration for this filter where it has one, otherwise the filter's own.</summary>
    /// <param name="configuration">The configuration that the filter was made with.</param>
    public T ConfigurationOr<T>(T configuration) where T : class => RouteConfiguration as T ?? configuration;

    /// <summary>
    /// Makes a request to one of the base's clusters, with the base's own connections, load balancing and statistics. An
    /// answer of any status is an answer. The stream's end cancels it.
    /// </summary>
    /// <exception cref="ArgumentException">Its time has no limit (<see cref="Callout.Timeout"/>).</exception>
    /// <exception cref="CalloutException">There was no answer.</exception>
    /// <exception cref="OperationCanceledException">The stream ended, or the token was cancelled.</exception>
    /// <exception cref="NotSupportedException">This base makes no callouts.</exception>
    public virtual Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken = default)
        => throw new NotSupportedException("this base makes no callouts; use HttpClient");

    /// <summary>
    /// As <see cref="CalloutAsync"/>, for a body that is written, or an answer that is read, piece by piece. The callout's
    /// own body goes out first; the request ends with <see cref="CalloutStream.CompleteAsync"/>. The stream's end breaks it off.
    /// </summary>
    /// <exception cref="CalloutException">It cannot begin: no such cluster, no host.</exception>
    /// <exception cref="NotSupportedException">This base makes no callouts of this kind.</exception>
    public virtual CalloutStream OpenCallout(Callout callout) => throw new NotSupportedException("this base makes no callouts piece by piece; use HttpClient");

    /// <summary>
    /// Sends the same request to several hosts of a cluster and throws the answers away, whatever they are. They do not delay the stream, and its
    /// end does not end them, once <see cref="CalloutCopies.Complete"/> was called; where it was not, it does. The callout's own body goes out first.
    /// </summary>
    /// <param name="callout">What is sent. Its time-out is that of each request.</param>
    /// <param name="count">How many, to hosts that the cluster's load balancer picks one after the other; 0: one to each host.</param>
    /// <exception cref="CalloutException">There is no such cluster.</exception>
    /// <exception cref="NotSupportedException">This base makes none: only our own engine has hosts to give.</exception>
    public virtual CalloutCopies OpenCopies(Callout callout, int count) => throw new NotSupportedException("this base copies no requests");

    /// <summary>Values that travel with the stream, by namespace and key.</summary>
    /// <exception cref="NotSupportedException">This base has none.</exception>
    public virtual StreamMetadata Metadata => throw new NotSupportedException("this base has no metadata");

    /// <summary>
    /// Bytes that another filter of this stream has set, in this module or outside of it, by key (Envoy's filter state). A
    /// copy; null when there are none.
    /// </summary>
    public virtual byte[]? GetFilterState(string key) => throw new NotSupportedException("this base has no filter state");

    /// <summary>Sets bytes for the other filters of this stream, under a key of its own.</summary>
    /// <exception cref="InvalidOperationException">The key is set already: it keeps its value for the stream's life.</exception>
    public virtual void SetFilterState(string key, ReadOnlySpan<byte> value) => throw new NotSupportedException("this base has no filter state");

    /// <summary>
    /// An object of the base's own among the filter state, in the form that the base writes it (Envoy's typed filter state:
    /// what its own filters have left there). A copy; null when there is none, or it has no such form.
    /// </summary>
    /// <exception cref="NotSupportedException">This base has none.</exception>
    public virtual byte[]? GetTypedFilterState(string key) => throw new NotSupportedException("this base has no typed filter state");

    /// <summary>
    /// Sets an object that the base itself reads, under the name that it knows the object by and in the form that it reads it
    /// from: <c>envoy.network.upstream_server_name</c> and others of Envoy's documentation, "Well known filter state objects".
    /// </summary>
    /// <exception cref="InvalidOperationException">The base knows no object of that name, cannot read this one, or has one already.</exception>
    /// <exception cref="NotSupportedException">This base has none.</exception>
    public virtual void SetTypedFilterState(string key, ReadOnlySpan<byte> value) => throw new NotSupportedException("this base has no typed filter state");

    /// <summary>
    /// Which host of the cluster the request shall go to, before one is chosen (Envoy's upstream override host, which sticky
    /// sessions are made with). Where that host is not to be had, another takes its place, unless the wish is strict.
    /// </summary>
    /// <param name="address">IP address and port, <c>10.0.0.1:8080</c>, as the cluster has them.</param>
    /// <param name="strict">Rather no host, and 503, than another one.</param>
    /// <exception cref="ArgumentException">It is no IP address with a port.</exception>
    /// <exception cref="NotSupportedException">This base takes no wishes.</exception>
    public virtual void SetUpstreamHost(string address, bool strict = false) => throw new NotSupportedException("this base chooses hosts by itself");

    /// <summary>Adds a short word of the filter's own to what access logs say went on here (Envoy's <c>%CUSTOM_FLAGS%</c>).</summary>
    /// <exception cref="ArgumentException">The word is empty, or has white space or a comma in it.</exception>
    /// <exception cref="NotSupportedException">This base logs none.</exception>
    public virtual void AddFlag(string flag) => throw new NotSupportedException("this base logs no flags of filters");

    /// <summary>The stream's own piece of work in a trace; null where the base does not trace it. The same object for the stream's life.</summary>
    public virtual StreamSpan? Span => null;

    /// <summary>
    /// How many bytes of a body may be held back for a filter that collects it; <see cref="long.MaxValue"/> for no limit. All
    /// filters of a stream share it: raise it for the streams that need it, and leave it alone otherwise.
    /// </summary>
    /// <exception cref="NotSupportedException">Set on a base whose limit belongs to its configuration.</exception>
    public virtual long BodyLimit
    {
        get => throw new NotSupportedException("this base does not tell its limit");
        set => throw new NotSupportedException("this base has its limit from its configuration");
    }

    /// <summary>
    /// What the base knows of the stream under one of the names that Envoy calls attributes: <c>source.address</c>,
    /// <c>connection.tls_version</c>, <c>connection.requested_server_name</c>, <c>xds.route_name</c> and so on. Null when it is not known, or no text.
    /// </summary>
    /// <exception cref="ArgumentException">There is no attribute of that name.</exception>
    public virtual string? GetAttribute(string name) => null;

    /// <summary>As <see cref="GetAttribute"/>, for one that is a number: <c>source.port</c>, <c>response.code</c>, <c>request.size</c>.</summary>
    /// <exception cref="ArgumentException">There is no attribute of that name.</exception>
    public virtual long? GetAttributeNumber(string name) => null;

    /// <summary>As <see cref="GetAttribute"/>, for one that is true or false: <c>connection.mtls</c>.</summary>
    /// <exception cref="ArgumentException">There is no attribute of that name.</exception>
    public virtual bool? GetAttributeFlag(string name) => null;

    /// <summary>Has the request's head gone on, so that a change of it would be seen by nobody? For bases.</summary>
    internal virtual bool IsRequestHeadGone => false;

    /// <summary>Has the response's head gone on? For bases.</summary>
    internal virtual bool IsResponseHeadGone => false;

    /// <summary><see cref="RouteConfiguration"/> of the filter at that place. For bases.</summary>
    internal virtual object? RouteConfigurationAt(int place) => RouteConfiguration;

    /// <summary>Would the base write a line of this level? Any thread, after the stream's end too. For bases.</summary>
    internal virtual bool IsLogged(StreamLogLevel level) => Log.IsEnabled(level);

    /// <summary>Writes a line about the stream of that number, which may have ended. Any thread. For bases.</summary>
    internal virtual void WriteLog(long id, StreamLogLevel level, string message) => Log.Write(level, message);
}
