namespace Outrider.Configuration.Model;

/// <summary>One route: what it matches and what is done then. One of <see cref="Action"/>, <see cref="DirectResponse"/> and <see cref="Redirect"/> is set.</summary>
internal sealed record RouteConfiguration
{
    /// <summary>What it matches.</summary>
    public required RouteMatchConfiguration Match { get; init; }

    /// <summary>The request goes to a cluster.</summary>
    public RouteActionConfiguration? Action { get; init; }

    /// <summary>The proxy answers by itself.</summary>
    public DirectResponseConfiguration? DirectResponse { get; init; }

    /// <summary>The client is sent elsewhere.</summary>
    public RedirectConfiguration? Redirect { get; init; }

    /// <summary>Where copies of its requests go; null (the default) for nowhere.</summary>
    public MirrorConfiguration? Mirror { get; init; }

    /// <summary>What the route configures of its own for stream filters; it wins over what the virtual host does.</summary>
    public IReadOnlyList<RouteFilterConfiguration> Filters { get; init; } = [];

    /// <summary>The match written out: <c>prefix /</c>.</summary>
    public string DisplayName => Match.ToString();
}
