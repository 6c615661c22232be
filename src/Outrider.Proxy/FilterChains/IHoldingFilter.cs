using Outrider.Filters;

namespace Outrider.Proxy.FilterChains;

/// <summary>A filter that answers <see cref="Filters.FilterActionKind.Hold"/>: it keeps what it has seen of a message to itself.</summary>
internal interface IHoldingFilter
{
    /// <summary>Hands over the body bytes that it keeps, which from now on are on their way again.</summary>
    /// <param name="response">Those of the response, or of the request.</param>
    /// <param name="destination">Where they go, behind what is there.</param>
    void TakeHeld(bool response, BodyHold destination);
}
