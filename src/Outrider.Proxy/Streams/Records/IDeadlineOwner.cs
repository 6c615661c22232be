namespace Outrider.Proxy.Streams.Records;

/// <summary>Whose deadline it is. On the loop.</summary>
internal interface IDeadlineOwner
{
    /// <summary>Is a filter being waited for?</summary>
    bool IsFilterWaiting { get; }

    /// <summary>What was waited for has not come.</summary>
    void OnDeadline(DeadlineKind kind);
}
