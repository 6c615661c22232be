namespace Outrider.Proxy.Streams.Contexts;

/// <summary>A stream's context that offers filters of another kind more than the class of <c>Outrider.Filters</c> does.</summary>
internal interface IControlledStream
{
    /// <summary>What they may do with the stream.</summary>
    IStreamControl Control { get; }
}
