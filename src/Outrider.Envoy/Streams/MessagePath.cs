using Outrider.Envoy.Bodies;
using Outrider.Envoy.Headers;
using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;
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
    private readonly EnvoyBody _piece;
    private readonly EnvoyBody _whole;
    private EnvoyTrailers? _trailers;
    private AnnouncedLength _length = new();
    // What the filter adds to the body when it sees the trailers.
    private BodyHold? _rest;
    private FilterDriver _driver;
    private bool _stopped, _bodyShown, _passesBy;
    private bool _ended, _dataEnded, _endShown, _hasTrailers, _trailersShown;

    // The message was over with its head, as it came.
    private bool _headOnly;

    // The filter has set the length; it has made a message of it that has no body.
    private bool _lengthGiven, _dropsBody;

    private protected MessagePath(EnvoyStream stream, bool response)
    {
        Stream = stream;
        IsResponse = response;
        _piece = new EnvoyBody(stream, response);
        _whole = new EnvoyBody(stream, response);
        _call = new FilterCall(stream.Post, OnCallEnded);
    }

    /// <summary>Is the filter being waited for?</summary>
    internal bool IsWaiting => _call.IsPending;

    /// <summary>Does nothing of this message go on, whatever the filter says?</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Has the filter let the head go on?</summary>
    internal bool IsHeadGone { get; private set; }

    /// <summary>Has all of the message come to this filter, or to what Envoy buffers for it?</summary>
    internal bool HasEnded => _ended;

    internal bool IsResponse { get; }

    internal EnvoyStream Stream { get; }

    internal FilterCall Pending => _call;

    /// <summary>Can the whole message be waited for, or is it one that has no end?</summary>
    internal abstract bool CanCollect { get; }

    private protected abstract HeaderMap Headers { get; }

    /// <summary>What may follow the head as it is now.</summary>
    private protected abstract ResponseContent Content { get; }

    /// <summary>Would Envoy send the end of a chunked body where there is no body and no length?</summary>
    private protected abstract bool NeedsLength { get; }

    /// <summary>Can this filter have changed where the message ends, though it does not see the head?</summary>
    private protected abstract bool MayEndOtherwise { get; }

    private EnvoyTrailers Trailers => _trailers ??= new(Stream, IsResponse ? HeaderMapKind.ResponseTrailers : HeaderMapKind.RequestTrailers);

    internal HeadersStatus OnHeaders(bool endStream)
    {
        _ended = _headOnly = endStream;
        OnEnd(endStream);
        if (IsClosed || !Stream.EnsureFilter() || !Overrides(FilterWork.Headers))
        {
            if (!IsClosed && MayEndOtherwise)
            {
                PassHead();
            }

            IsHeadGone = !IsClosed;
            return IsClosed && !_passesBy ? HeadersStatus.StopIteration : HeadersStatus.Continue;
        }

        var sink = new PathSink(this);
        _stopped = Apply(_driver.OnHead(ref sink, _ended)) != Directive.Pass;
        IsHeadGone = !_stopped;
        return _stopped ? HeadersStatus.StopIteration : HeadersStatus.Continue;
    }

    internal DataStatus OnData(bool endStream)
    {
        _ended = _dataEnded |= endStream;
        OnEnd(endStream);
        if (IsClosed)
        {
            return _passesBy ? DataStatus.Continue : DataStatus.StopIterationNoBuffer;
        }

        if (IsWaiting)
        {
            return DataStatus.StopIterationAndWatermark;
        }

        if (_driver.IsCollecting)
        {
            return endStream ? OnWholeArrived() : DataStatus.StopIterationAndBuffer;
        }

        return !_driver.IsDone && Overrides(FilterWork.Data) ? OnPiece() : PassUnseen(endStream);
    }

    internal TrailersStatus OnTrailers()
    {
        _ended = _hasTrailers = true;
        OnEnd(true);
        if (IsClosed || IsWaiting)
        {
            return _passesBy ? TrailersStatus.Continue : TrailersStatus.StopIteration;
        }

        var result = ShowTrailers();
        _stopped = result == Directive.Unseen ? !LengthIsKept(atEnd: true) : result != Directive.Pass;
        IsHeadGone |= !_stopped;
        return _stopped ? TrailersStatus.StopIteration : TrailersStatus.Continue;
    }

    /// <summary>The filter has set the message's <c>content-length</c>: the body has to keep it.</summary>
    internal void OnLengthGiven() => _lengthGiven = true;

    /// <summary>Nothing goes on from here.</summary>
    internal void Close() => IsClosed = true;

    /// <summary>What comes is the filter's own, which has seen it: it goes on untouched.</summary>
    internal void PassBy() => IsClosed = _passesBy = true;

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

        _driver = default;
        _copying = _stopped = _bodyShown = IsClosed = _passesBy = false;
        _ended = _dataEnded = _endShown = _hasTrailers = _trailersShown = IsHeadGone = false;
        _headOnly = _lengthGiven = _dropsBody = false;
        _rest?.Release();
    }

    private protected abstract ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream);

    private protected abstract ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers);

    private protected abstract ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream);

    private protected abstract ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers, BodyBuffer body);

    /// <summary>The method of this direction for a part of the message.</summary>
    private protected abstract StreamFilterMethods MethodOf(FilterWork work);

    /// <summary>Tells Envoy to go on. It may come back into this object before this returns.</summary>
    private protected abstract void Continue();

    /// <summary>More has been collected than may be.</summary>
    private protected abstract void OnTooLarge();

    // A response that has come to its end here has been answered in full, as far as it comes from before this filter.
    private void OnEnd(bool endStream)
    {
        if (endStream && IsResponse)
        {
            Stream.OnResponded();
        }
    }

    private DataStatus OnPiece()
    {
        _piece.BeginHook(receivedOnly: true);
        var result = ShowPiece();
        if (result == Directive.Wait)
        {
            TakeOver();
        }
        else if (result == Directive.Pass && _dropsBody)
        {
            _piece.DrainReceived();
        }

        _piece.EndHook();
        _stopped = result != Directive.Pass;
        return result switch
        {
            Directive.Pass => DataStatus.Continue,
            Directive.Wait => DataStatus.StopIterationAndWatermark,
            _ => DataStatus.StopIterationNoBuffer,
        };
    }

    private DataStatus OnWholeArrived()
    {
        _whole.BeginHook(receivedOnly: false);
        var sink = new PathSink(this);
        var result = Apply(_driver.OnData(ref sink, isEmpty: false, endStream: true));
        _whole.EndHook();
        _stopped = result != Directive.Pass;
        IsHeadGone = !_stopped;
        return result switch
        {
            Directive.Pass => DataStatus.Continue,
            Directive.Wait => DataStatus.StopIterationAndBuffer,
            _ => DataStatus.StopIterationNoBuffer,
        };
    }
}
