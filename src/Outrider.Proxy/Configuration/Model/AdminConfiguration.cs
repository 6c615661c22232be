using System.Net;

namespace Outrider.Proxy.Configuration;

/// <summary>Where the admin API listens.</summary>
/// <param name="EndPoint">The address, 127.0.0.1 when the configuration gives none; port 0 means any that is free.</param>
internal sealed record AdminConfiguration(IPEndPoint EndPoint)
{
    /// <summary>Names of the pages to serve beside those that every proxy has (<c>handlers</c>, a key of ours). Default: none.</summary>
    public IReadOnlyList<string> Handlers { get; init; } = [];
}
