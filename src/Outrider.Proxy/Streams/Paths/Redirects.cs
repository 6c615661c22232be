using Outrider.Filters;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>The answer of a route that is a redirect.</summary>
internal static class Redirects
{
    internal static LocalReply ReplyOf(StreamRecord record, Route route)
    {
        string location = System.Text.Encoding.Latin1.GetString(route.BuildRedirectLocation(record.Request, record.RequestHeaders.Scheme));
        return new LocalReply(route.Redirect!.Status).With("location", location);
    }
}
