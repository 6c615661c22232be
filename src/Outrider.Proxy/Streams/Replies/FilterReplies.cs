using Outrider.Filters;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Paths;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Replies;

/// <summary>Answers that filters make themselves, whole or piece by piece, in the place of the upstream's. Lives, and is used again, with its stream; on its loop.</summary>
internal sealed class FilterReplies(StreamRecord record, RequestPath request, ResponsePath response, UpstreamExchange exchange, StreamDeadline deadline, IReplyOwner owner)
{
    private ReplyPieces? _pieces;
    private StreamedReplyWriter? _writer;

    /// <summary>A filter's answer that it sends piece by piece.</summary>
    internal ReplyPieces Pieces => _pieces ??= new(record, response, deadline, owner);

    /// <summary>Is a filter still writing?</summary>
    internal bool IsWriting => _writer is { IsRunning: true };

    /// <summary>The filter that sends an answer piece by piece; null when none does.</summary>
    internal string? Filter => _pieces?.Filter;

    /// <summary>Makes room for an answer that a filter sends piece by piece. False: there is a response already.</summary>
    internal bool Open()
    {
        if (record.HasEnded || record.IsHeadSent)
        {
            return false;
        }

        DropResponse();
        record.Response.Clear();
        return true;
    }

    /// <summary>A filter answers.</summary>
    /// <param name="answer">Whole, or written piece by piece.</param>
    /// <param name="filter">The filter's name.</param>
    internal void Reply(FilterAction answer, string filter)
    {
        if (answer.StreamedReply is not { } streamed)
        {
            DropResponse();
            record.Note(answer.LocalReply);
            response.Reply(answer.Status, answer.Text, answer.LocalReply);
            return;
        }

        // Whatever of the request is still to come is of no more use.
        request.Walk.Close();
        _ = Open();
        record.Details = null;
        _writer = new StreamedReplyWriter(record, this, Pieces, streamed, filter);
        _writer.Start(record.Response);
    }

    /// <summary>The filter that writes an answer has let go of it.</summary>
    internal void OnWritten(StreamedReplyWriter writer, Exception? failure)
    {
        if (record.HasEnded)
        {
            owner.ConcludeIfDone();
        }
        else if (!Pieces.IsOpen)
        {
            // Another answer has taken its place.
        }
        else if (failure is not null)
        {
            owner.OnFilterFailed(writer.Filter, failure);
        }
        else
        {
            Pieces.Send(default, endStream: true);
        }
    }

    /// <summary>Wants nothing more from where the response comes from.</summary>
    internal void Cancel()
    {
        exchange.Cancel();
        _pieces?.Drop();
    }

    /// <summary>
    /// A response of which nothing was sent is forgotten for another. Filters see that one too, but not while one of them is
    /// still at work on the first, and not when it takes the place of one that was made here: that could go on for ever.
    /// </summary>
    internal void DropResponse()
    {
        Cancel();
        if (record.HasResponse)
        {
            bool passBy = response.Walk.IsWaiting || record.IsLocalReply;
            response.Reset();
            response.Walk.PassBy = passBy;
        }
    }

    /// <summary>The client takes what it is sent, and no filter is waited for.</summary>
    internal void Resume() => _pieces?.Resume();

    /// <summary>The client takes no more for now.</summary>
    internal void OnClientBlocked() => _pieces?.OnClientBlocked();

    /// <summary>Makes ready for the next stream.</summary>
    internal void Reset()
    {
        _pieces?.Reset();
        _writer = null;
    }
}
