namespace Outrider.Proxy.Streams.Records;

/// <summary>Who lets each side of a stream read as far as the other takes. On the loop.</summary>
internal interface IFlowOwner
{
    /// <summary>Something takes more, or less, than before.</summary>
    void UpdateFlow();
}
