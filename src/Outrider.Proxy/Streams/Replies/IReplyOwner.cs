namespace Outrider.Proxy.Streams.Replies;

/// <summary>Whom answers tell that filters write piece by piece. On the loop.</summary>
internal interface IReplyOwner
{
    /// <summary>The stream ends without the rest.</summary>
    void Terminate(string details);

    /// <summary>The filter that wrote the answer has failed with it.</summary>
    void OnFilterFailed(string filter, Exception failure);

    /// <summary>The stream has ended before, and the filter that wrote its answer has let go of it.</summary>
    void ConcludeIfDone();
}
