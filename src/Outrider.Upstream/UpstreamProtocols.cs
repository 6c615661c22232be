using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Http.Streams;

namespace Outrider.Upstream;

/// <summary>Finds what upstreams are spoken to in by the names that configurations use: each name is one object, whoever uses it. One thread at a time.</summary>
/// <param name="codecs">The codecs of extensions; null for none.</param>
internal sealed class UpstreamProtocols(CodecRegistry? codecs)
{
    private readonly Dictionary<string, UpstreamProtocol> _known = new(StringComparer.Ordinal)
    {
        [ProtocolConfiguration.Http1] = UpstreamProtocol.Http1,
        [ProtocolConfiguration.Http2] = UpstreamProtocol.Http2,
        [ProtocolConfiguration.Auto] = UpstreamProtocol.Auto,
    };

    /// <summary>That of a name; one of those that come with the proxy, and a problem, where there is none.</summary>
    /// <param name="configuration">The name.</param>
    /// <param name="problems">Where names go that there is no codec of.</param>
    public UpstreamProtocol Of(ProtocolConfiguration configuration, List<ConfigurationProblem> problems)
    {
        if (_known.TryGetValue(configuration.Name, out var known))
        {
            return known;
        }

        if (codecs?.FindUpstream(configuration.Name) is not { } codec)
        {
            problems.Add(configuration.Problem(
                $"no protocol to upstreams is named \"{configuration.Name}\"; there are: {string.Join(", ", (string[])["Http1", "Http2", "Auto", .. codecs?.UpstreamNames ?? []])}"));
            return UpstreamProtocol.Auto;
        }

        var protocol = new UpstreamProtocol(codec);
        _known.Add(configuration.Name, protocol);
        return protocol;
    }
}
