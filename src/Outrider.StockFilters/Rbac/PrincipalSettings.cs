using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>Principal</c>: who asks. One of these.</summary>
internal sealed class PrincipalSettings
{
    /// <summary>All of them.</summary>
    public PrincipalSetSettings? AndIds { get; set; }

    /// <summary>One of them.</summary>
    public PrincipalSetSettings? OrIds { get; set; }

    /// <summary>Not that.</summary>
    public PrincipalSettings? NotId { get; set; }

    /// <summary>Anybody.</summary>
    public bool? Any { get; set; }

    /// <summary>Who the certificate says that it is.</summary>
    public AuthenticatedSettings? Authenticated { get; set; }

    /// <summary>The client's address; Envoy's older name of <see cref="RemoteIp"/>.</summary>
    public CidrSettings? SourceIp { get; set; }

    /// <summary>The connection's other end, whatever headers say.</summary>
    public CidrSettings? DirectRemoteIp { get; set; }

    /// <summary>The client's address, which trusted proxies tell.</summary>
    public CidrSettings? RemoteIp { get; set; }

    /// <summary>A header of the request.</summary>
    public HeaderMatcherSettings? Header { get; set; }

    /// <summary>Its path without the query.</summary>
    public PathMatcherSettings? UrlPath { get; set; }

    /// <summary>Metadata of the stream.</summary>
    public MetadataMatcherSettings? Metadata { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">There is not one, or it is wrong.</exception>
    internal RbacTest Compile(string path)
    {
        RbacTest?[] given =
        [
            AndIds is null ? null : RbacTests.All(AndIds.Compile(path + ".andIds")),
            OrIds is null ? null : RbacTests.Any(OrIds.Compile(path + ".orIds")),
            NotId is null ? null : RbacTests.Not(NotId.Compile(path + ".notId")),
            Any is { } any ? RbacTests.Always(any) : null,
            Authenticated is null ? null : RbacTests.Authenticated(path + ".authenticated", Authenticated),
            SourceIp is null ? null : RbacTests.Address(path + ".sourceIp", SourceIp, static stream => stream.DownstreamRemoteAddress),
            DirectRemoteIp is null ? null : RbacTests.Address(path + ".directRemoteIp", DirectRemoteIp, PeerOf),
            RemoteIp is null ? null : RbacTests.Address(path + ".remoteIp", RemoteIp, static stream => stream.DownstreamRemoteAddress),
            Header is null ? null : RbacTests.Header(path + ".header", Header),
            UrlPath is null ? null : RbacTests.Path(path + ".urlPath", UrlPath),
            Metadata?.Compile(path + ".metadata"),
        ];
        return given.OfType<RbacTest>().ToList() is [var only] ? only : throw new FilterConfigurationException(path, "wanted one identifier");
    }

    // Our own engine tells the connection's other end apart from who is behind it.
    private static string PeerOf(StreamContext stream) => stream.GetVariable("downstream_direct_remote_address") as string ?? stream.DownstreamRemoteAddress;
}
