using Outrider.Filters;
using Outrider.Proxy.Streams.Replies;

namespace Outrider.Proxy.Streams;

/// <summary>Answers that filters make themselves, whole or piece by piece.</summary>
internal sealed partial class ProxyStream
{
    private ReplyPieces? _pieces;
    private StreamedReplyWriter? _writer;

    /// <summary>A filter's answer that it sends piece by piece.</summary>
    internal ReplyPieces Pieces => _pieces ??= new(this);

    /// <summary>Makes room for an answer that a filter sends piece by piece. False: there is a response already.</summary>
    internal bool OpenReply()
    {
        if (_ended || ResponsePath.HeadSent)
        {
            return false;
        }

        DropResponse();
        Response.Clear();
        return true;
    }

    /// <summary>A filter's answer in the place of the upstream's.</summary>
    internal void Reply(FilterAction action)
    {
        DropResponse();
        Details = action.LocalReply?.Details;
        ResponsePath.Reply(action.Status, action.Text, action.LocalReply);
    }

    /// <summary>A filter's answer in the place of the upstream's, which the filter writes piece by piece.</summary>
    internal void Reply(StreamedReply reply, string filter)
    {
        // Whatever of the request is still to come is of no more use.
        RequestPath.Close();
        _ = OpenReply();
        Details = null;
        _writer = new StreamedReplyWriter(this, Pieces, reply, filter);
        _writer.Start(Response);
    }

    /// <summary>The filter that wrote an answer has let go of it.</summary>
    internal void OnReplyWritten(StreamedReplyWriter writer, Exception? failure)
    {
        if (_ended)
        {
            if (!IsFilterWaiting)
            {
                Conclude();
            }
        }
        else if (!Pieces.IsOpen)
        {
            // Another answer has taken its place.
        }
        else if (failure is not null)
        {
            OnFilterFailed(writer.Filter, failure);
        }
        else
        {
            Pieces.Send(default, endStream: true);
        }
    }

    /// <summary>Wants nothing more from where the response comes from.</summary>
    internal void CancelResponse()
    {
        Exchange.Cancel();
        _pieces?.Drop();
    }

    /// <summary>
    /// A response of which nothing was sent is forgotten for another. Filters see that one too, but not while one of them is
    /// still at work on the first, and not when it takes the place of one that was made here: that could go on for ever.
    /// </summary>
    private void DropResponse()
    {
        CancelResponse();
        if (ResponsePath.HasBegun)
        {
            bool passBy = ResponsePath.IsWaiting || ResponsePath.IsLocal;
            ResponsePath.Reset();
            ResponsePath.PassBy = passBy;
        }
    }
}
