using Outrider.Envoy.Callbacks;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>The answers of one stream that are made here and not by the upstream. Lives, and is used again, with its stream; on its worker.</summary>
internal sealed class FilterReplies(EnvoyStream stream)
{
    private EnvoyReplyWriter? _writer;
    private ReplyPath? _path;

    // The filter has heard of the answer that Envoy is given.
    private bool _isTold;

    /// <summary>Was the response made here, by this filter or by Envoy?</summary>
    internal bool IsLocal { get; private set; }

    /// <summary>What the filter's own answers said went wrong (<see cref="LocalReply.Flags"/>).</summary>
    internal ResponseFlags Flags { get; private set; }

    /// <summary>The head of an answer of the filter's own that Envoy does not have yet.</summary>
    internal ReplyHeaders? Head => _path is { IsHeadSent: false } path ? path.Headers : null;

    /// <summary>Has Envoy the head of an answer of the filter's own?</summary>
    internal bool IsHeadGone => _path is { IsHeadSent: true };

    /// <summary>Is the filter still at work on an answer of its own?</summary>
    internal bool IsWaiting => _writer is { IsRunning: true } || _path is { IsWaiting: true };

    /// <summary>Was there an answer that is written piece by piece, whose writer somebody may still hold?</summary>
    internal bool IsWriterHeld => _writer is not null;

    /// <summary>Has the filter ever answered here itself?</summary>
    internal bool IsOfFilter => _path is not null || _writer is not null;

    private ReplyPath Path => _path ??= new ReplyPath(stream);

    /// <summary>The filter threw, or answered what it may not: this stream fails, and no other.</summary>
    internal void Fail(Exception e)
    {
        stream.Filter.LogFailure(e);
        if (!stream.Link.IsOver)
        {
            ReplyHere(500, "internal error", "outrider_filter_failed"u8);
        }
    }

    /// <summary>Answers here, past this filter.</summary>
    internal void ReplyHere(int status, string body, ReadOnlySpan<byte> details = default)
    {
        stream.Close();
        IsLocal = true;
        stream.OnResponded();
        // Envoy tells the filter of this one.
        _isTold = false;
        ReplySender.Send(stream.Link.Here, status, body, details);
    }

    /// <summary>The filter's own answer.</summary>
    internal void Reply(FilterAction action, bool ofRequest)
    {
        stream.Request.Close();
        if (action.StreamedReply is { } streamed)
        {
            IsLocal = true;
            _writer = new EnvoyReplyWriter(stream, Path, streamed);
            _writer.Start();
            return;
        }

        const StreamFilterMethods Encoding = StreamFilterMethods.EncodeHeaders | StreamFilterMethods.EncodeData;
        if (!ofRequest || (stream.Methods & Encoding) == 0)
        {
            ReplyPast(action);
        }
        else if (TellOf(action))
        {
            Path.Begin(action);
        }
    }

    /// <summary>The filter's own answer, which its response side does not see.</summary>
    internal void ReplyPast(FilterAction action)
    {
        if (TellOf(action))
        {
            stream.Response.Close();
            stream.OnResponded();
            ReplySender.Send(stream.Link.Here, action);
        }
    }

    /// <summary>A whole answer of the filter's own has passed its response side.</summary>
    internal void Send(ReplyHeaders headers, ReadOnlySpan<byte> body, string? details)
    {
        stream.Response.PassBy();
        stream.OnResponded();
        ReplySender.Send(stream.Link.Here, headers, body, details);
    }

    /// <summary>The filter wants the stream to end without an answer.</summary>
    internal void Terminate() => End("terminated by a filter"u8);

    /// <summary>The stream ends without an answer, or without the rest of it.</summary>
    internal void End(ReadOnlySpan<byte> details)
    {
        stream.Close();
        StreamCallbacks.Reset(stream.Link.Here, details);
    }

    /// <summary>Envoy, or a filter, is about to answer in the place of the upstream. False: the stream is to end without an answer.</summary>
    internal bool OnLocal(int status, ReadOnlySpan<byte> details)
    {
        IsLocal = true;
        if (_isTold)
        {
            _isTold = false;
            return true;
        }

        return (stream.Methods & StreamFilterMethods.OnLocalReply) == 0 || stream.Filter.HasFailed || !stream.Filter.Ensure()
            || stream.Filter.TellOfReply(status, System.Text.Encoding.UTF8.GetString(details));
    }

    /// <summary>The client has caught up.</summary>
    internal void OnClientReady() => _writer?.OnReady();

    /// <summary>Nothing of an answer goes on from here.</summary>
    internal void Close() => _path?.Close();

    /// <summary>Makes ready for another stream.</summary>
    internal void Reset()
    {
        IsLocal = _isTold = false;
        Flags = ResponseFlags.None;
        _path?.Reset();
    }

    /// <summary>
    /// The filter hears of an answer of its own before it is shown it; Envoy would tell it after that, when it is given the answer. False:
    /// the filter wants the stream to end without it.
    /// </summary>
    private bool TellOf(FilterAction action)
    {
        IsLocal = true;
        if (action.LocalReply is { Flags: not ResponseFlags.None and var flags })
        {
            Note(flags);
        }

        if ((stream.Methods & StreamFilterMethods.OnLocalReply) == 0)
        {
            return true;
        }

        _isTold = true;
        if (stream.Filter.TellOfReply(action.Status, action.LocalReply?.Details ?? ""))
        {
            return true;
        }

        Terminate();
        return false;
    }

    // Envoy's own flags are Envoy's to set: for its access log they are custom flags.
    private void Note(ResponseFlags flags)
    {
        foreach (var (flag, code) in ResponseFlagCodes.All)
        {
            if ((flags & ~Flags & flag) != 0)
            {
                StreamInfoCallbacks.AddFlag(stream.Link.Pointer, code);
            }
        }

        Flags |= flags;
    }
}
