using Outrider.Envoy.Bodies;
using Outrider.Envoy.Headers;
using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>
/// What the ways of requests and responses through the filter have in common: a call at a time, headers first, then the
/// body piece by piece or, for a filter that wants it so, whole, then trailers. Where the filter waits Envoy is told to
/// stop here, and buffers behind it up to its limit; later it is told to go on.
/// </summary>
/// <remarks>
/// Whatever calls Envoy may come back into this object before it returns: a reply runs the response's hooks, going on runs
/// the next body hook, and either may end the stream. So nothing here is done after such a call.
/// </remarks>
internal abstract partial class MessagePath
{
    private readonly FilterCall _call;
    private readonly bool _isResponse;
    private readonly EnvoyBody _piece;
    private readonly EnvoyBody _whole;
    private EnvoyTrailers? _trailers;
    private AnnouncedLength _length = new();
    // What the filter adds to the body when it sees the trailers.
    private BodyHold? _rest;
    private Work _work;
    private bool _collecting, _collected, _stopped, _bodyShown;
    private bool _ended, _dataEnded, _endShown, _hasTrailers, _trailersShown;

    // The message was over with its head, as it came.
    private bool _headOnly;

    // The filter has set the length; it has made a message of it that has no body.
    private bool _lengthGiven, _dropsBody;

    private protected MessagePath(EnvoyStream stream, bool response)
    {
        Stream = stream;
        _isResponse = response;
        _piece = new EnvoyBody(stream, response);
        _whole = new EnvoyBody(stream, response);
        _call = new FilterCall(stream.Post, OnCallEnded);
    }

    private protected enum Work : byte
    {
        Headers,
        Data,
        Trailers,
        Whole,
    }

    /// <summary>Is the filter being waited for?</summary>
    internal bool IsWaiting => _call.IsPending;

    /// <summary>Does nothing of this message go on, whatever the filter says?</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Has the filter let the head go on?</summary>
    internal bool IsHeadGone { get; private set; }

    private protected EnvoyStream Stream { get; }

    /// <summary>Did the answer come from a headers method or from one for the whole message, and not from amid a body?</summary>
    private protected bool IsHeadAnswer => _work is Work.Headers or Work.Whole;

    private protected abstract StreamFilterMethods HeadersMethod { get; }

    private protected abstract StreamFilterMethods DataMethod { get; }

    private protected abstract StreamFilterMethods TrailersMethod { get; }

    /// <summary>Can the whole message be waited for, or is it one that has no end?</summary>
    private protected abstract bool CanCollect { get; }

    private protected abstract HeaderMap Headers { get; }

    /// <summary>What may follow the head as it is now.</summary>
    private protected abstract ResponseContent Content { get; }

    /// <summary>Would Envoy send the end of a chunked body where there is no body and no length?</summary>
    private protected abstract bool NeedsLength { get; }

    /// <summary>Can this filter have changed where the message ends, though it does not see the head?</summary>
    private protected abstract bool MayEndOtherwise { get; }

    private EnvoyTrailers Trailers => _trailers ??= new(Stream, _isResponse ? HeaderMapKind.ResponseTrailers : HeaderMapKind.RequestTrailers);

    internal HeadersStatus OnHeaders(bool endStream)
    {
        _ended = _headOnly = endStream;
        OnEnd(endStream);
        if (IsClosed || !Stream.EnsureFilter() || !Overrides(HeadersMethod))
        {
            if (!IsClosed && MayEndOtherwise)
            {
                PassHead();
            }

            IsHeadGone = !IsClosed;
            return IsClosed ? HeadersStatus.StopIteration : HeadersStatus.Continue;
        }

        var result = Call(Work.Headers);
        _stopped = result != StepResult.Continue;
        IsHeadGone = !_stopped;
        return _stopped ? HeadersStatus.StopIteration : HeadersStatus.Continue;
    }

    internal DataStatus OnData(bool endStream)
    {
        _ended = _dataEnded |= endStream;
        OnEnd(endStream);
        if (IsClosed)
        {
            return DataStatus.StopIterationNoBuffer;
        }

        if (IsWaiting)
        {
            return DataStatus.StopIterationAndWatermark;
        }

        if (_collecting)
        {
            return endStream ? OnWholeArrived() : DataStatus.StopIterationAndBuffer;
        }

        return !_collected && Overrides(DataMethod) ? OnPiece() : PassUnseen(endStream);
    }

    internal TrailersStatus OnTrailers()
    {
        _ended = _hasTrailers = true;
        OnEnd(true);
        if (IsClosed || IsWaiting)
        {
            return TrailersStatus.StopIteration;
        }

        StepResult result;
        if (_collecting)
        {
            result = CallWhole();
        }
        else if (!_collected && Overrides(TrailersMethod))
        {
            result = CallTrailers();
        }
        else
        {
            result = LengthIsKept(atEnd: true) ? StepResult.Continue : StepResult.Closed;
        }

        _stopped = result != StepResult.Continue;
        IsHeadGone |= !_stopped;
        return _stopped ? TrailersStatus.StopIteration : TrailersStatus.Continue;
    }

    /// <summary>The filter has set the message's <c>content-length</c>: the body has to keep it.</summary>
    internal void OnLengthGiven() => _lengthGiven = true;

    /// <summary>Nothing goes on from here.</summary>
    internal void Close() => IsClosed = true;

    /// <summary>Makes ready for another stream.</summary>
    internal virtual void Reset()
    {
        _length = new();
        if (_bodyShown)
        {
            _piece.Reset();
            _whole.Reset();
            _done?.Release();
            _taken = 0;
        }

        _collecting = _collected = _copying = _stopped = _bodyShown = IsClosed = false;
        _ended = _dataEnded = _endShown = _hasTrailers = _trailersShown = IsHeadGone = false;
        _headOnly = _lengthGiven = _dropsBody = false;
        _rest?.Release();
    }

    private protected abstract ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream);

    private protected abstract ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers);

    private protected abstract ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream);

    private protected abstract ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers, BodyBuffer body);

    /// <summary>An action that is special to one direction.</summary>
    private protected virtual StepResult ApplyOther(FilterAction action) => Refuse(action);

    /// <summary>Tells Envoy to go on. It may come back into this object before this returns.</summary>
    private protected abstract void Continue();

    /// <summary>More has been collected than may be.</summary>
    private protected abstract void OnTooLarge();

    private protected StepResult Refuse(FilterAction action)
    {
        Stream.Fail(new InvalidOperationException($"{action} is not an answer to this method, or not in this phase"));
        return StepResult.Closed;
    }

    // A response that has come to its end here has been answered in full, as far as it comes from before this filter.
    private void OnEnd(bool endStream)
    {
        if (endStream && _isResponse)
        {
            Stream.OnResponded();
        }
    }

    private bool Overrides(StreamFilterMethods method) => (Stream.Methods & method) != 0;

    private DataStatus OnPiece()
    {
        _piece.BeginHook(receivedOnly: true);
        var result = CallPiece();
        if (result == StepResult.Waiting)
        {
            TakeOver();
        }
        else if (result == StepResult.Continue && _dropsBody)
        {
            _piece.DrainReceived();
        }

        _piece.EndHook();
        _stopped = result != StepResult.Continue;
        return result switch
        {
            StepResult.Continue => DataStatus.Continue,
            StepResult.Waiting => DataStatus.StopIterationAndWatermark,
            _ => DataStatus.StopIterationNoBuffer,
        };
    }

    private DataStatus OnWholeArrived()
    {
        _whole.BeginHook(receivedOnly: false);
        var result = CallWhole();
        _whole.EndHook();
        _stopped = result != StepResult.Continue;
        IsHeadGone = !_stopped;
        return result switch
        {
            StepResult.Continue => DataStatus.Continue,
            StepResult.Waiting => DataStatus.StopIterationAndBuffer,
            _ => DataStatus.StopIterationNoBuffer,
        };
    }
}
