using System.Text;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Proxy.Routing;

/// <summary>An answer that the proxy gives by itself.</summary>
internal sealed class DirectResponse(DirectResponseConfiguration configuration)
{
    /// <summary>200 to 599.</summary>
    public int Status { get; } = configuration.Status;

    /// <summary>The whole answer, made once for all requests.</summary>
    public LocalReply Reply { get; } = new(configuration.Status, configuration.Body);

    /// <summary>The body in UTF-8; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; } = Encoding.UTF8.GetBytes(configuration.Body);
}
