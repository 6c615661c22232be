namespace Outrider.Filters;

/// <summary>
/// Has a say in which route a request takes: the proxy filter names it by <c>router_handler_name</c>. One object serves all loops. Only our own
/// engine asks it.
/// </summary>
public interface IRouteHandler
{
    /// <summary>
    /// A route matches: may the request take it? Asked of one matching route after the other, in their order, until it says yes; where it
    /// never does, the request has no route (404).
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="stream">The stream, whose <see cref="StreamContext.Route"/> is not set yet; not to be kept.</param>
    bool Accepts(RouteInfo route, StreamContext stream);
}
