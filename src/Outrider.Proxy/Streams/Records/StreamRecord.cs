using Outrider.Filters;
using Outrider.Hosting.Ends;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Net.Loops;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Snapshots;

namespace Outrider.Proxy.Streams.Records;

/// <summary>
/// What is known of one request and its response: all parts of a stream write here what they find out, and read what others did. Lives, and is used again, with its
/// stream; on its loop.
/// </summary>
internal sealed class StreamRecord
{
    private HeaderBlock? _responseTrailers;

    /// <param name="client">The client's side of the stream.</param>
    /// <param name="services">What it uses of where it runs.</param>
    /// <param name="snapshot">The configuration that it begins with.</param>
    internal StreamRecord(ServerStream client, ListenerServices services, ListenerSnapshot snapshot)
    {
        Client = client;
        Services = services;
        Snapshot = snapshot;
        Loop = services.Loop;
        RequestHeaders = new NativeRequestHeaders(client.Request, client, snapshot.Limits.StrictTarget);
        ResponseHeaders = new NativeResponseHeaders(Response);
    }

    /// <summary>The request as it came, and the client's connection.</summary>
    internal ServerStream Client { get; }

    internal ListenerServices Services { get; }

    /// <summary>The configuration that the stream began with, and ends with.</summary>
    internal ListenerSnapshot Snapshot { get; }

    internal EventLoop Loop { get; }

    internal RequestHead Request => Client.Request;

    internal ResponseHead Response { get; } = new();

    /// <summary>Filled by the upstream's codec, which clears it first.</summary>
    internal HeaderBlock ResponseTrailers => _responseTrailers ??= new();

    /// <summary>The request's head as filters see it.</summary>
    internal NativeRequestHeaders RequestHeaders { get; }

    /// <summary>The response's head as filters see it.</summary>
    internal NativeResponseHeaders ResponseHeaders { get; }

    /// <summary>No other stream of the process has the number. 0 for a request that was refused before it became one.</summary>
    internal long Id { get; set; }

    internal Route? Route { get; set; }

    internal ResponseFlags Flags { get; set; }

    /// <summary>Why it ended as it did, for logs; null when the upstream answered.</summary>
    internal string? Details { get; set; }

    /// <summary>Bytes of the request's body.</summary>
    internal long BytesIn { get; set; }

    /// <summary>Bytes of the response's body.</summary>
    internal long BytesOut { get; set; }

    /// <summary>After an upgrade: bytes pass both ways, and mean nothing to us.</summary>
    internal bool IsTunnel { get; set; }

    /// <summary>Is there a response, made here or from upstream?</summary>
    internal bool HasResponse { get; set; }

    /// <summary>Have the response's trailers come?</summary>
    internal bool HasResponseTrailers { get; set; }

    /// <summary>Was the response made here?</summary>
    internal bool IsLocalReply { get; set; }

    /// <summary>Has the client been sent the response's head?</summary>
    internal bool IsHeadSent { get; set; }

    /// <summary>Why the codec refused the request before it became one; null when it did not.</summary>
    internal Refusal? Refusal { get; set; }

    /// <summary>Does nothing more come, and nothing more go? Filters may still be at work.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>When it happened. A field, for it is written in place.</summary>
    internal StreamTimes Times;

    /// <summary>Between whom. A field, for it is written in place.</summary>
    internal StreamAddresses Addresses;

    /// <summary>What filters have told the proxy. A field, for it is written in place.</summary>
    internal ControlVariables Controls;

    /// <summary>That it has ended before its time. A field, for it is written in place.</summary>
    internal EarlyEnd EarlyEnd;

    /// <summary>The response's status; 0 while there is none.</summary>
    internal int ResponseCode => Refusal?.Status ?? (HasResponse ? Response.Status : 0);

    /// <summary>Notes what an answer that was made here says of itself, for logs; null where it says nothing.</summary>
    internal void Note(LocalReply? reply)
    {
        Details = reply?.Details;
        Flags |= reply?.Flags ?? ResponseFlags.None;
    }

    /// <summary>Milliseconds that the upstream has.</summary>
    internal int RouteTimeout => Route?.TimeoutMilliseconds ?? 60_000;

    /// <summary>May somebody ask for the connections' addresses after they are gone?</summary>
    internal bool NeedsAddresses => Services.HasAccessLogs || Snapshot.Filters.Any(StreamFilterMethods.OnLog);

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset()
    {
        Route = null;
        Flags = ResponseFlags.None;
        Details = null;
        Refusal = null;
        BytesIn = BytesOut = 0;
        Times = default;
        Addresses = default;
        Controls = default;
        EarlyEnd.Reset();
        HasResponse = HasResponseTrailers = IsLocalReply = IsHeadSent = IsTunnel = HasEnded = false;
    }
}
