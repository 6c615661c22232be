namespace Outrider.Proxy.FilterChains;

/// <summary>A stream that has filters of its own from one configuration. On its loop.</summary>
internal interface IFilterUser
{
    /// <summary>Ends it before its time.</summary>
    /// <param name="reason">Why, for logs.</param>
    void EndEarly(string reason);
}
