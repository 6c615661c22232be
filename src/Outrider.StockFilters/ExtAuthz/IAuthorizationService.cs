using Outrider.Filters;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>Who decides whether a request may pass.</summary>
internal interface IAuthorizationService
{
    /// <summary>Asks.</summary>
    /// <param name="stream">The request's stream.</param>
    /// <param name="headers">The request's head.</param>
    /// <param name="body">What is shown of its body; null for nothing.</param>
    /// <param name="isPartial">Is that not all?</param>
    /// <param name="extensions">What the route has for the service.</param>
    /// <exception cref="CalloutException">There was no answer, or none that can be followed.</exception>
    Task<AuthorizationAnswer> AskAsync(StreamContext stream, RequestHeaders headers, byte[]? body, bool isPartial, IReadOnlyDictionary<string, string> extensions);
}
