using System.Net;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What a filter may wish for its stream.</summary>
internal sealed partial class ProxyStreamContext
{
    public override void SetUpstreamHost(string address, bool strict = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        // A port of 0 is what an address without one is read as.
        if (!IPEndPoint.TryParse(address, out var host) || host.Port == 0)
        {
            throw new ArgumentException($"'{address}' is no IP address with a port", nameof(address));
        }

        _stream.WantedHost = address;
        _stream.WantsNoOtherHost = strict;
    }

    public override long BodyLimit
    {
        get => _stream.Site.MaxBufferedBody;
        set => base.BodyLimit = value;
    }
}
