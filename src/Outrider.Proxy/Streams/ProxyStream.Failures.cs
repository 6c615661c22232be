using Outrider.Filters;

namespace Outrider.Proxy.Streams;

/// <summary>What goes wrong, and what the client sees of it: an answer as long as none has begun, a cut after that.</summary>
internal sealed partial class ProxyStream
{
    private Action<string, Exception>? _onFilterThrew;

    private Action<string, Exception> OnFilterThrew => _onFilterThrew ??= (filter, e) => Site.OnFilterError(this, filter, e);

    /// <summary>The upstream will not answer, or not to the end.</summary>
    /// <param name="status">What the client gets, if nothing was sent yet.</param>
    /// <param name="flags">What went wrong.</param>
    /// <param name="reason">Why, for logs.</param>
    /// <param name="told">Why, for the client, where the reason is not for strangers; null where it is.</param>
    internal void FailUpstream(int status, ResponseFlags flags, string reason, string? told = null)
    {
        if (_ended)
        {
            return;
        }

        Details = reason;
        if (!ResponsePath.HasBegun)
        {
            Flags |= flags;
            ReplyHere(status, told ?? reason);
        }
        else if (!ResponsePath.HeadSent)
        {
            // The response's filters were collecting it, or still at its head; nothing has reached the client.
            Flags |= flags;
            DropResponse();
            ReplyHere(status, told ?? reason);
        }
        else
        {
            Site.Log(StreamLogLevel.Warn, this, "response cut off: " + reason);
            Abort(flags);
        }
    }

    /// <summary>A filter threw, or answered what it may not: this stream fails, and no other.</summary>
    internal void OnFilterFailed(string filter, Exception e)
    {
        Site.OnFilterError(this, filter, e);
        if (_ended)
        {
            return;
        }

        Flags |= ResponseFlags.FilterError;
        CancelResponse();
        if (ResponsePath.HeadSent)
        {
            Abort(ResponseFlags.FilterError);
            return;
        }

        // The response's own way may be what failed: it starts anew, past all filters.
        Details = "filter " + filter + " failed";
        ResponsePath.Reset();
        ResponsePath.PassBy = true;
        ResponsePath.Reply(500, "internal error", null);
    }

    internal void ReplyTooLarge()
    {
        Flags |= ResponseFlags.EntityTooLarge;
        ReplyHere(413, "the body is larger than filters may collect");
    }

    internal void FailResponseTooLarge()
    {
        CancelResponse();
        FailUpstream(502, ResponseFlags.EntityTooLarge, "the response is larger than filters may collect");
    }

    /// <summary>Tells the filters that want to know of an answer that is made here. False: one of them wants the stream to end without it.</summary>
    internal bool TellOfLocalReply(int status, string? details)
        => !_filters.Set.Any(StreamFilterMethods.OnLocalReply) || TellThoseWhoListen(status, details ?? "");

    // Apart, because what the lambda captures is allocated where the method begins.
    private bool TellThoseWhoListen(int status, string details)
        => _filters.Tell(StreamFilterMethods.OnLocalReply, filter => filter.OnLocalReply(status, details), OnFilterThrew);

    private void ReplyHere(int status, string reason)
    {
        CancelResponse();
        Details ??= reason;
        ResponsePath.Reply(status, reason, null);
    }
}
