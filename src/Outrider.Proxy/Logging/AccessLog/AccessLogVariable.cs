namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>What a line of an access log can show. <see cref="AccessLogVariables"/> has the names.</summary>
internal enum AccessLogVariable
{
    /// <summary>A name of MOSN's for something that HTTP has not; always missing.</summary>
    None,

    /// <summary>When the request's first byte came.</summary>
    StartTime,

    /// <summary>From the start to when the request was sent upstream. The argument of a duration is its unit, <c>us</c> or <c>ms</c>; empty means as Go writes it.</summary>
    RequestReceivedDuration,

    /// <summary>From the start to when the response's head came.</summary>
    ResponseReceivedDuration,

    /// <summary>From the start to when the response was sent.</summary>
    RequestFinishedDuration,

    /// <summary>The time that the proxy itself took.</summary>
    ProcessTimeDuration,

    /// <summary>From the start to now.</summary>
    Duration,

    /// <summary>Body bytes to the client.</summary>
    BytesSent,

    /// <summary>Body bytes from the client.</summary>
    BytesReceived,

    /// <summary>What the client speaks.</summary>
    Protocol,

    /// <summary>What the upstream speaks.</summary>
    UpstreamProtocol,

    /// <summary>The response's status.</summary>
    ResponseCode,

    /// <summary>Whether anything went wrong, <c>true</c> or <c>false</c> as MOSN writes it.</summary>
    ResponseFlag,

    /// <summary>What went wrong, in short codes.</summary>
    ResponseFlags,

    /// <summary>Why the response is what it is, in words, where the proxy or a filter made it.</summary>
    ResponseCodeDetails,

    /// <summary>The upstream connection's address; see the documentation of the source for whose.</summary>
    UpstreamLocalAddress,

    /// <summary>The address that the client connected to.</summary>
    DownstreamLocalAddress,

    /// <summary>The client's address.</summary>
    DownstreamRemoteAddress,

    /// <summary>The other end of the client's connection, whatever <c>x-forwarded-for</c> says.</summary>
    DownstreamDirectRemoteAddress,

    /// <summary>The chosen host.</summary>
    UpstreamHost,

    /// <summary>Why the upstream could not be used.</summary>
    UpstreamTransportFailureReason,

    /// <summary>The cluster.</summary>
    UpstreamCluster,

    /// <summary>The server name of the TLS handshake.</summary>
    RequestedServerName,

    /// <summary>The matched route.</summary>
    RouteName,

    /// <summary>The name of the listener.</summary>
    ListenerName,

    /// <summary>The port of the listener.</summary>
    ListenerPort,

    /// <summary>The stream's number.</summary>
    StreamId,

    /// <summary>That no host has answered.</summary>
    DirectResponse,

    /// <summary>The number of the client's connection.</summary>
    ConnectionId,

    /// <summary>The number of the upstream connection.</summary>
    UpstreamConnectionId,

    /// <summary>The request's id, the header <c>X-Request-Id</c>.</summary>
    RequestId,

    /// <summary>The trace that the request belongs to.</summary>
    TraceId,

    /// <summary>The request's method.</summary>
    Method,

    /// <summary>The request's scheme.</summary>
    Scheme,

    /// <summary>The request's host, with its port if it has one.</summary>
    Host,

    /// <summary>The path, as it went upstream, without the query.</summary>
    Path,

    /// <summary>The path, as it came, without the query.</summary>
    PathOriginal,

    /// <summary>The query without its question mark.</summary>
    QueryString,

    /// <summary>Path and query, as they came.</summary>
    RequestUri,

    /// <summary>The request's length in bytes.</summary>
    RequestLength,

    /// <summary>One parameter of the query; the argument is its name.</summary>
    RequestArgument,

    /// <summary>One cookie; the argument is its name.</summary>
    Cookie,

    /// <summary>One header of the request; the argument is its name.</summary>
    RequestHeader,

    /// <summary>One header of the response; the argument is its name.</summary>
    ResponseHeader,

    /// <summary>How many times the request was sent to an upstream.</summary>
    Tries,

    /// <summary>The status of a gRPC call, by its name.</summary>
    GrpcStatus,

    /// <summary>The status of a gRPC call, by its number.</summary>
    GrpcStatusNumber,

    /// <summary>How the stream ended, in one word.</summary>
    EndReason,

    /// <summary>A variable that a filter sets; the argument is its name.</summary>
    User,
}
