using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>Permission</c>: what may be done. One of these.</summary>
internal sealed class PermissionSettings
{
    /// <summary>All of them.</summary>
    public PermissionSetSettings? AndRules { get; set; }

    /// <summary>One of them.</summary>
    public PermissionSetSettings? OrRules { get; set; }

    /// <summary>Not that.</summary>
    public PermissionSettings? NotRule { get; set; }

    /// <summary>Anything.</summary>
    public bool? Any { get; set; }

    /// <summary>A header of the request.</summary>
    public HeaderMatcherSettings? Header { get; set; }

    /// <summary>Its path without the query.</summary>
    public PathMatcherSettings? UrlPath { get; set; }

    /// <summary>The address that the client connected to.</summary>
    public CidrSettings? DestinationIp { get; set; }

    /// <summary>The port.</summary>
    public int? DestinationPort { get; set; }

    /// <summary>The port.</summary>
    public RangeSettings? DestinationPortRange { get; set; }

    /// <summary>Metadata of the stream.</summary>
    public MetadataMatcherSettings? Metadata { get; set; }

    /// <summary>The name that the client asked for in TLS.</summary>
    public StringMatcherSettings? RequestedServerName { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">There is not one, or it is wrong.</exception>
    internal RbacTest Compile(string path)
    {
        RbacTest?[] given =
        [
            AndRules is null ? null : RbacTests.All(AndRules.Compile(path + ".andRules")),
            OrRules is null ? null : RbacTests.Any(OrRules.Compile(path + ".orRules")),
            NotRule is null ? null : RbacTests.Not(NotRule.Compile(path + ".notRule")),
            Any is { } any ? RbacTests.Always(any) : null,
            Header is null ? null : RbacTests.Header(path + ".header", Header),
            UrlPath is null ? null : RbacTests.Path(path + ".urlPath", UrlPath),
            DestinationIp is null ? null : RbacTests.Address(path + ".destinationIp", DestinationIp, static stream => stream.DownstreamLocalAddress),
            DestinationPort is { } port ? RbacTests.Port(new RangeSettings { Start = port, End = port + 1 }) : null,
            DestinationPortRange is null ? null : RbacTests.Port(DestinationPortRange),
            Metadata?.Compile(path + ".metadata"),
            RequestedServerName is null ? null : RbacTests.ServerName(path + ".requestedServerName", RequestedServerName),
        ];
        return given.OfType<RbacTest>().ToList() is [var only] ? only : throw new FilterConfigurationException(path, "wanted one rule");
    }
}
