namespace Outrider.Filters;

/// <summary>Where in a request's way a receiver filter runs (MOSN's <c>api.ReceiverFilterPhase</c>). Sender filters have one phase, before the response is sent.</summary>
public enum ReceiverPhase
{
    /// <summary>Before a route is matched: what the filter changes decides the route.</summary>
    BeforeRoute,

    /// <summary>The route is known (<see cref="StreamContext.Route"/>), the host is not.</summary>
    AfterRoute,

    /// <summary>The upstream host is known (<see cref="StreamContext.UpstreamHost"/>); nothing has been sent to it.</summary>
    AfterChooseHost,
}
