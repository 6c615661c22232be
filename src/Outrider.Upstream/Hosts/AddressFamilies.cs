using System.Net;

namespace Outrider.Upstream.Hosts;

/// <summary>
/// Which of a host's two addresses a loop connects to, where its name has both families: the one that answered last, and the other one
/// when it does not (RFC 8305 in spirit). A part of what the loop keeps about the host.
/// </summary>
internal struct AddressFamilies
{
    private bool _prefersOther;

    /// <summary>Where to connect first.</summary>
    internal readonly EndPoint First(UpstreamHost host) => _prefersOther && host.OtherEndPoint is { } other ? other : host.EndPoint;

    /// <summary>Where to connect when that address did not answer; null when it was the second already, or there is no other.</summary>
    internal readonly EndPoint? Second(UpstreamHost host, EndPoint? failed)
        => host.OtherEndPoint is { } other && Equals(failed, First(host)) ? (_prefersOther ? host.EndPoint : other) : null;

    /// <summary>That one answers.</summary>
    internal void OnConnected(UpstreamHost host, EndPoint? endPoint) => _prefersOther = host.OtherEndPoint is { } other && Equals(endPoint, other);
}
