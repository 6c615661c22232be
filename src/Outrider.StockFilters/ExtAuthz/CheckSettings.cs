namespace Outrider.StockFilters.ExtAuthz;

/// <summary>The message <c>CheckSettings</c>: a route's own.</summary>
internal sealed class CheckSettings
{
    /// <summary>What the service is told of the route, in gRPC.</summary>
    public Dictionary<string, string>? ContextExtensions { get; set; }

    /// <summary>Is the service not shown the body here?</summary>
    public bool DisableRequestBodyBuffering { get; set; }

    /// <summary>How much of it.</summary>
    public BufferSettings? WithRequestBody { get; set; }
}
