using System.Text;
using Outrider.Configuration.Model;
using Outrider.Http.Headers;
using Outrider.Http.Streams;
using Outrider.Http.V2;
using Outrider.Net.Loops;

namespace Outrider.Tests.Configuration;

/// <summary>What the configuration says of loops and protocols without knowing them is what they are.</summary>
public class SameAsBelowTests
{
    [Fact]
    public void A_loop_reads_so_much_at_once() => Assert.Equal(EventLoop.ReceiveBufferSize, ListenerConfiguration.LargestRead);

    [Fact]
    public void Defaults_of_HTTP2_are_the_codecs()
    {
        var said = new Http2Configuration();
        var known = new Http2Limits();
        Assert.Equal(
            (known.MaxConcurrentStreams, known.StreamWindow, known.ConnectionWindow, known.MaxFrameSize, known.MaxHeaderList, known.KeepaliveInterval, known.KeepaliveTimeout, Http2Limits.LeastWindow),
            (said.MaxConcurrentStreams, said.StreamWindow, said.ConnectionWindow, said.MaxFrameSize, said.MaxHeaderList, said.KeepaliveInterval, said.KeepaliveTimeout, Http2Configuration.LeastWindow));
        var to = new UpstreamHttp2Configuration();
        var limits = new UpstreamLimits();
        Assert.Equal(
            (limits.MaxConcurrentExchanges, limits.ExchangeWindow, limits.ConnectionWindow, limits.KeepaliveInterval, limits.KeepaliveTimeout),
            (to.MaxConcurrentStreams, to.StreamWindow, to.ConnectionWindow, to.KeepaliveInterval, to.KeepaliveTimeout));
    }

    [Fact]
    public void No_header_that_codecs_write_can_be_changed_by_a_route()
    {
        var names = Enum.GetValues<KnownHeader>().Where(known => known == KnownHeader.ContentLength || KnownHeaders.IsHopByHop(known)).ToList();
        Assert.Equal(8, names.Count);
        foreach (string name in (string[])["connection", "content-length", "http2-settings", "keep-alive", "proxy-connection", "TE", "transfer-encoding", "Upgrade"])
        {
            Assert.Contains(KnownHeaders.Identify(Encoding.ASCII.GetBytes(name)), names);
            var sample = new Sample { Router = $", \"request_headers_to_remove\": [ \"{name}\" ]" };
            Assert.Contains("the proxy writes this header itself", sample.Warning(), StringComparison.Ordinal);
        }
    }
}
