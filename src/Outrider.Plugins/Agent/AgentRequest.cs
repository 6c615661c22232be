using System.Text;
using Outrider.Filters;

namespace Outrider.Plugins.Agent;

/// <summary>Makes of an HTTP request what the plugin is asked.</summary>
internal static class AgentRequest
{
    internal static PluginRequest Make(AgentConfig config, RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers)
    {
        var request = new PluginRequest { Type = config.Type };
        if (config.SendsTarget)
        {
            request.Header[":method"] = headers.MethodString;
            request.Header[":path"] = headers.PathString;
            request.Header[":scheme"] = Encoding.Latin1.GetString(headers.Scheme);
            request.Header[":authority"] = headers.AuthorityString;
        }

        if (config.SendsHeaders)
        {
            request.AddHeaders(headers);
        }

        if (config.SendsTrailers && trailers is not null)
        {
            request.AddTrailers(trailers);
        }

        if (config.SendsBody && body is { IsEmpty: false })
        {
            request.Body = body.ToArray();
        }

        return request;
    }
}
