using Outrider.Filters;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>Whom the two ways through the filters tell of what concerns the whole stream. On the loop.</summary>
internal interface IPathOwner : IFlowOwner
{
    /// <summary>A filter has not answered yet, and is waited for.</summary>
    void OnFilterWaits();

    /// <summary>A filter's call that was waited for has ended. False: the stream has, too.</summary>
    bool OnFilterResumed();

    /// <summary>A filter threw, or answered what it may not.</summary>
    void OnFilterFailed(string filter, Exception failure);

    /// <summary>A filter wants the stream to end without an answer.</summary>
    void Terminate(string details = "terminated by a filter");

    /// <summary>The request cannot go on: the client gets this, if nothing was sent yet.</summary>
    void FailRequest(int status, ResponseFlags flags, string reason);

    /// <summary>The route answers.</summary>
    void ReplyOfRoute(LocalReply reply);

    /// <summary>A filter of the request answers.</summary>
    /// <param name="answer">Whole, or written piece by piece.</param>
    /// <param name="filter">Its name.</param>
    void ReplyOfFilter(FilterAction answer, string filter);

    /// <summary>An answer that is made here begins: nothing more of the request is of use. False: a filter wanted none.</summary>
    bool OnLocalReply(int status);

    /// <summary>Nothing more is wanted from where the response comes from.</summary>
    void CancelResponse();

    /// <summary>The response is larger than filters may collect.</summary>
    void FailResponseTooLarge();

    /// <summary>The last of the response has been handed to the client's connection.</summary>
    void OnResponseSent();
}
