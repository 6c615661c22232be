using Outrider.Filters;
using Outrider.Proxy.Routing;

namespace Outrider.Proxy.Streams.Replies;

/// <summary>Answers a request whose route is a redirect.</summary>
internal static class Redirects
{
    internal static void Reply(ProxyStream stream, Route route)
    {
        string location = System.Text.Encoding.Latin1.GetString(route.BuildRedirectLocation(stream.Request, stream.RequestPath.Headers.Scheme));
        stream.ResponsePath.Reply(route.Redirect!.Status, null, new LocalReply(route.Redirect.Status).With("location", location));
    }
}
